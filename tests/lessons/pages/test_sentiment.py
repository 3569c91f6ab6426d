"""The lesson on sentiment: its frames are the steps' results, and its text tells what they give."""

import pytest
import torch

from groundup.base.errors import UserError
from groundup.data.texts.labelled_texts import STARTER_NAME, load_splits
from groundup.data.texts.words import split_words
from groundup.lessons.pages.sentiment.views import (
    EPOCHS,
    VIEWS,
    compute_map,
    compute_neighbors,
    load_words,
    train_model,
)


@pytest.mark.parametrize(
    ("sentence", "padding", "masked", "percent"),
    [
        ("the soup was warm", 0, True, 99.9),
        ("the soup was not warm", 0, True, 98.6),
        ("warm was the soup", 0, True, 99.9),
        ("the soup was warm", 20, True, 99.9),
        ("the soup was warm", 20, False, 86.0),
    ],
)
def test_the_text_s_probabilities(sentence: str, padding: int, masked: bool, percent: float) -> None:
    frame = compute_map(sentence, EPOCHS, padding, masked)
    assert 100 * frame["probability"] == pytest.approx(percent, abs=0.3)
    assert frame["says"].startswith(f"“{sentence}” is positive with {frame['told'].removesuffix(' positive')}.")


@pytest.mark.parametrize("padding", [0, 7])
@pytest.mark.parametrize("masked", [True, False])
@pytest.mark.parametrize("sentence", ["the soup was warm", "a zebra", ""])
def test_shares_and_bias_add_up_to_the_logit(sentence: str, padding: int, masked: bool) -> None:
    frame = compute_map(sentence, 10, padding, masked)
    logit = sum(float(word["share"]) for word in frame["chosen"]) + frame["padding_share"] + float(frame["bias"])
    assert torch.logit(torch.tensor(frame["probability"])).item() == pytest.approx(logit, abs=1e-3)


def test_by_hand() -> None:
    frame = compute_map("soup was warm", EPOCHS, 0, True)
    assert [round(float(word["share"]), 2) for word in frame["chosen"]] == pytest.approx([-0.10, -0.03, 7.29], abs=0.02)
    assert frame["average"].tolist() == pytest.approx([0.83, -1.23], abs=0.02)


def test_an_empty_sentence_is_the_bias() -> None:
    frame = compute_map("", EPOCHS, 5, True)
    assert frame["probability"] == pytest.approx(torch.sigmoid(frame["bias"]).item())


def test_it_overfits_as_the_text_says() -> None:
    course = train_model(16)
    assert course.right[-1] == 1
    assert 0.6 < course.right_on_new[-1] < 0.72
    vocabulary, counts = load_words()
    assert sum(count == 1 for count in counts.values()) == 294
    assert len(vocabulary.words) == 589


def test_neighbors() -> None:
    found = [word["word"] for word in compute_neighbors("Warm")["by_cosine"]]
    assert {"pure", "relaxing", "joy", "despite", "prize"} <= set(found)
    assert compute_neighbors(**VIEWS["neighbors"].check({}))["word"] == "warm"
    texts = load_splits(STARTER_NAME).train
    labels = {
        word: {label for text, label in zip(texts.texts, texts.labels, strict=True) if word in split_words(text)}
        for word in [*found, "warm", "cold"]
    }
    assert {word for word in labels if labels[word] != {True}} == {"cold"}
    vocabulary, _ = load_words()
    table = train_model(16).model.embedding.weight
    warm, cold = (table[vocabulary.numbers[word]] for word in ("warm", "cold"))
    assert torch.cosine_similarity(warm, cold, dim=0) < -0.5
    for word in ("", "zebra", "two words"):
        with pytest.raises(UserError):
            compute_neighbors(word)


def test_a_sentence_is_compared_with_the_text_s() -> None:
    assert compute_map("the soup was warm", EPOCHS, 0, True)["compared"] == ""
    assert compute_map("the soup was warm", EPOCHS, 20, True)["compared"] == ""
    expected = compute_map("the soup was warm", EPOCHS, 0, True)["told"].removesuffix(" positive")
    other = compute_map("warm was the soup", EPOCHS, 0, True)["compared"]
    assert other == f"To compare: “the soup was warm” is positive with {expected}."
    assert "without padding" in compute_map("the soup was warm", EPOCHS, 20, False)["compared"]
