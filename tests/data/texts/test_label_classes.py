"""Labels that are more than good and bad."""

import pytest

from groundup.data.texts.label_classes import THREE, TWO, find_classes
from groundup.data.texts.sentiment_labels import UnknownLabel, parse_labels

THREE_KINDS = ["negative", "Neutral", "positive"] * 2


def find(cells, labels="", **more):
    return find_classes(cells, parse_labels(labels), **more)


def test_topics_are_classes_in_the_order_of_their_names():
    found = find(["tech", "Sport", "sport", "sport", "TECH", "tech"])
    assert found.names == ("sport", "tech")
    assert found.places == [1, 0, 0, 0, 1, 1]
    assert found.told == "2 classes: sport (3), tech (3)"


@pytest.mark.parametrize(
    ("cells", "leaves_out"),
    [(THREE_KINDS, "neutral=none"), (["-1", "0.0", "1"] * 2, "-1=0,0=none,1=1")],
    ids=["words", "signs"],
)
def test_neutral_is_a_class_between_the_others_unless_it_is_left_out(cells, leaves_out):
    found = find(cells)
    assert (found.names, found.places) == (THREE, [0, 1, 2] * 2)
    assert f"--set labels={leaves_out} leaves neutral texts out" in found.told
    without = find(cells, leaves_out)
    assert (without.names, without.places) == (TWO, [False, None, True] * 2)


def test_the_middle_of_stars_is_left_out_unless_every_label_is_a_class():
    stars = [str(star) for star in (1, 2, 3, 4, 5)] * 2
    assert find(stars).names == TWO
    assert find(stars).places[:5] == [False, False, None, True, True]
    assert find(stars, "classes").names == ("1", "2", "3", "4", "5")
    assert find(stars, "1=0,2=0,3=neutral,4=1,5=1").places[:5] == [0, 0, 1, 2, 2]


def test_one_neutral_text_is_no_class():
    assert find(["neutral", "positive", "negative"]).names == TWO


def test_mixed_is_not_neutral():
    assert find([*THREE_KINDS, "mixed"]).places[-1] is None


@pytest.mark.parametrize(
    ("cells", "column"),
    [("0 1 2 3", "label"), ("1 2 3 4", "label"), ("1 2 3 4 5", "Class Index"), ("0 1 2 3 4", "category")],
)
def test_numbers_that_may_be_topics_are_asked_about(cells, column):
    cells = cells.split() * 2
    with pytest.raises(UnknownLabel) as error:
        find(cells, column=column)
    assert "--set labels=classes" in error.value.remedy
    assert "--set labels=stars" in error.value.remedy
    assert len(find(cells, "classes", column=column).names) == len(set(cells))
    assert find(cells, "stars", column=column).names == TWO


def test_a_column_that_rates_is_not_asked_about():
    assert find(["1", "2", "3", "4"] * 2, column="stars").names == TWO


@pytest.mark.parametrize(
    "cells",
    [["ham", "spam"], ["ham", "ham", "spam"], ["positive", "ham"] * 2, ["0", "ham"] * 2, ["a" * 70, "b"] * 2],
    ids=["each once", "one once", "beside known words", "beside numbers", "a sentence"],
)
def test_words_that_are_not_surely_classes_are_refused_and_the_way_is_named(cells):
    with pytest.raises(UnknownLabel) as error:
        find(cells)
    assert "--set labels=classes" in error.value.remedy


def test_a_topic_that_occurs_once_is_named():
    with pytest.raises(UnknownLabel, match="sprot=none") as error:
        find(["sport", "tech", "sprot", "sport", "tech"])
    assert error.value.place == 2
    assert find(["sport", "tech", "sprot", "sport", "tech"], "sprot=none").names == ("sport", "tech")


def test_every_label_is_a_class_where_that_is_asked_for():
    cells = ["very good", "good", "Bad", "unsure", "good", "good"]
    found = find(cells, "classes,unsure=none")
    assert found.names == ("Bad", "good", "very good")
    assert found.places == [2, 1, 0, None, 1, 1]
    assert find(["10", "9.0", "a"], "classes").names == ("9", "10", "a")
    with pytest.raises(UnknownLabel, match="101 different labels are too many"):
        find([str(number) for number in range(101)], "classes")


def test_a_run_keeps_its_classes():
    topics = find(["Tech", "sport"], known=("sport", "tech"))
    assert (topics.names, topics.places) == (("sport", "tech"), [1, 0])
    with pytest.raises(UnknownLabel, match=r"The run's classes are sport, tech"):
        find(["tech", "politics"], known=("sport", "tech"))
    assert find(["positive", "negative"], known=THREE).places == [2, 0]
    assert find(["5", "1"], known=THREE, known_scale="signs").places == [2, 0]
    assert find(THREE_KINDS, known=TWO).places == [False, None, True] * 2
    with pytest.raises(UnknownLabel, match=r"The run's classes are negative, neutral, positive"):
        find(["tech"], known=THREE)
