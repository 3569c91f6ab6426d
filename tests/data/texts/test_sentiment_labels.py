"""Labels as people and programs write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundup.base.errors import UserError
from groundup.data.texts.sentiment_labels import SCALES, UnknownLabel, parse_label, parse_mapping, read_labels

GOOD = (
    "1 +1 1.0 1. 1,0 +1.0 01 1e0 １ positive Positive POS pos. true TRUE True yes Y good very_positive + like "
    "__label__1 __label__positive __label__POS :) :-) :D ;) =) 🙂 😀 😍 👍 ❤️ <3 positivo positif fresh recommended"
)
BAD = (
    "0 0.0 0. -0 0,0 00 negative Negative NEG neg. false FALSE no N bad very-negative - − dislike "
    "__label__0 __label__negative :( :-( =( 🙁 😡 👎 💔 negativo négatif rotten"
)
PHRASES = [
    (" 1 ", True),
    ('"1"', True),
    ("Extremely Positive", True),
    ("Extremely  Negative", False),
    ("very good", True),
    ("not recommended", False),
    ("\u200bpositive\ufeff", True),
    ("Neutral", None),
    ("mixed", None),
    (":-|", None),
]


@pytest.mark.parametrize("cell", GOOD.split())
def test_what_stands_for_good(cell):
    assert read_labels([cell, "positive"])[0] == [True, True]


@pytest.mark.parametrize("cell", BAD.split())
def test_what_stands_for_bad(cell):
    assert read_labels([cell, "negative"])[0] == [False, False]


@pytest.mark.parametrize(("cell", "meaning"), PHRASES)
def test_what_is_written_in_several_words(cell, meaning):
    assert read_labels([cell])[0] == [meaning]


@pytest.mark.parametrize(
    ("cells", "meanings", "scale"),
    [
        ("0 1", "- +", "0 and 1"),
        ("1.0 0.0", "+ -", "0 and 1"),
        ("-1 1", "- +", "signs"),
        ("-1.0 0 +1.0", "- . +", "signs"),
        ("−1 1", "- +", "signs"),
        ("-2 -1 0 1 2", "- - . + +", "signs"),
        ("1 2", "- +", "1 and 2"),
        ("__label__2 __label__1", "+ -", "1 and 2"),
        ("0 4", "- +", "0 to 4"),
        ("0 2 4", "- . +", "0 to 4"),
        ("0 1 2 3 4", "- - . + +", "0 to 4"),
        ("1 2 3 4 5", "- - . + +", "5 stars"),
        ("5 1", "+ -", "5 stars"),
        ("1.0 5.0", "- +", "5 stars"),
        ("2,5 3,0 4,5", "- . +", "5 stars"),
        ("1 10", "- +", "10 points"),
        ("2 4 5 6 7 9", "- - . . + +", "10 points"),
        ("★☆☆☆☆ ★★★ ★★★★★", "- . +", "5 stars"),
        ("⭐️ ⭐️⭐️⭐️⭐️", "- +", "5 stars"),
        ("1/5 4/5", "- +", "5 stars"),
        ("3/10 9/10", "- +", "10 points"),
    ],
)
def test_numbers_are_read_by_the_scale_they_are_of(cells, meanings, scale):
    words = {"+": True, "-": False, ".": None}
    found, chosen = read_labels(cells.split())
    assert found == [words[sign] for sign in meanings.split()]
    assert chosen.name == scale


@pytest.mark.parametrize(
    "cells",
    [
        ["4.0 out of 5 stars", "1.0 out of 5 stars"],
        ["5 stars", "1 star"],
        ["5-star", "2-star"],
        ["5.0 star rating", "1.0 star rating"],
        ["9 / 10", "2 / 10"],
    ],
)
def test_ratings_in_words(cells):
    assert read_labels(cells)[0] == [True, False]


def test_one_star_and_two_are_both_bad_where_stars_are_written():
    assert read_labels(["1 star", "2 stars"])[0] == [False, False]


@pytest.mark.parametrize(
    "cells",
    ["0 1 2", "1 2 3", "1 3", "0 3.7", "0.2 0.9", "0 5", "11", "-0.5 0.5", "1 100", "1/5 3/10", "1 nan", "1 1e999"],
)
def test_numbers_of_no_known_scale_are_refused(cells):
    with pytest.raises(UnknownLabel, match="Write 1 or positive, 0 or negative, or say what is what"):
        read_labels(cells.split())


@given(st.sampled_from(sorted(SCALES)), st.data())
def test_a_scale_never_goes_down(name, data):
    scale = SCALES[name]
    low, high = sorted(data.draw(st.lists(st.sampled_from(sorted(scale.values)), min_size=2, max_size=2)))
    order = [False, None, True]
    assert order.index(scale.judge(low)) <= order.index(scale.judge(high))
    assert not scale.judge(min(scale.values))
    assert scale.judge(max(scale.values))


@given(st.lists(st.sampled_from(["0", "1", "2", "3", "4", "5", "-1", "positive", "neg", "1.0", "5.0"]), max_size=12))
def test_spellings_and_order_do_not_matter(cells):
    def read(cells):
        try:
            return dict(zip(cells, read_labels(cells)[0], strict=True))
        except UnknownLabel:
            return None

    assert read(cells) == read(cells[::-1]) == read(cells + cells)
    spelled = [f" {cell}. " if "." not in cell else f"__label__{cell}" for cell in cells]
    found = read(spelled)
    assert (None if found is None else list(found.values())) == (
        None if read(cells) is None else list(read(cells).values())
    )


def test_a_known_scale_is_taken_where_it_fits():
    assert read_labels(["1", "1"], known_scale="5 stars")[0] == [False, False]
    assert read_labels(["1", "1"], known_scale="0 and 1")[0] == [True, True]
    assert read_labels(["1", "0"], known_scale="5 stars")[0] == [True, False]
    assert read_labels(["5", "1"], known_scale="nonsense")[0] == [True, False]


def test_any_labels_can_be_mapped():
    mapping = parse_mapping('ham=1, spam=0, "so, so"=none,3=none, 5.0=positive,1=neg')
    assert read_labels(["Ham", "spam ", "so, so", "3.0", "5", "1.0", "positive"], mapping)[0] == [
        True,
        False,
        None,
        None,
        True,
        False,
        True,
    ]
    with pytest.raises(UnknownLabel):
        read_labels(["5", "4"], mapping)


@given(
    st.dictionaries(
        st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters='"“”'), min_size=1, max_size=9)
        .filter(lambda name: parse_label(name).number is None and name.strip("'.") == name)
        .map(str.casefold),
        st.sampled_from(["1", "0", "none"]),
        max_size=4,
    )
)
def test_what_is_mapped_is_read_so(named):
    labels = ",".join(f'"{name}"={value}' if "," in name else f"{name}={value}" for name, value in named.items())
    meanings = {"1": True, "0": False, "none": None}
    mapping = parse_mapping(labels)
    assert read_labels(list(named), mapping)[0] == [meanings[value] for value in named.values()]


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ("good", '"good" is not understood'),
        ("good=7", '"good=7" is not understood'),
        ("=1", '"=1" is not understood'),
        ("good=1,,bad=0", '"" is not understood'),
        ('"good=1', "a quotation mark is not closed"),
        ("good=1,Good=0", '"Good" has two meanings'),
    ],
)
def test_mappings_that_are_none(labels, message):
    with pytest.raises(UserError, match=message) as error:
        parse_mapping(labels)
    assert str(error.value).startswith("--set labels=")


@pytest.mark.parametrize(
    ("cells", "remedy"),
    [
        (["ham", "spam"], '--set labels="ham=1,spam=0"'),
        (["0", "1", "2"], '--set labels="0=0,1=none,2=1"'),
        (["positive", "negative", "Irrelevant"], '--set labels="Irrelevant=none"'),
        (["so, so", "fine, really"], '--set \'labels="so, so"=1,"fine, really"=0\''),
        ([str(number) for number in range(100, 120)], '--set labels="good=1,bad=0"'),
    ],
)
def test_the_remedy_names_the_labels_that_are_there(cells, remedy):
    with pytest.raises(UnknownLabel) as error:
        read_labels(cells)
    assert remedy in error.value.remedy
    assert "\n" not in error.value.remedy
