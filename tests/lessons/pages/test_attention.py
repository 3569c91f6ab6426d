"""The views of the lesson on attention."""

from __future__ import annotations

import math
import re
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from opened_numbers import check_origins

from groundup.base.errors import UserError
from groundup.lessons import trained
from groundup.lessons.page_loading import load_text
from groundup.lessons.pages.attention import hand, heads, meanings, views, words
from groundup.lessons.pages.attention.sentences import ANIMALS, MEANINGS, PEOPLE, find_examples, write_sentences
from groundup.lessons.watching import Watch
from groundup.models.attention_maps import look
from groundup.steps.c6_gpt.attention import causal_attention

VIEWS = views.VIEWS


@pytest.fixture(params=["plain", "modern"])
def model(request, untrained, monkeypatch):
    opened = untrained(request.param, "bytepair")
    for module in (words, meanings):
        monkeypatch.setattr(module, "open_small_gpt", lambda small: opened)
    monkeypatch.setattr(words, "open_newest_gpt", lambda: opened)
    return opened


def test_the_weights_are_those_of_the_model(model):
    frame = words.compute_words(
        sentence="The tall man runs", model="small", head=3, word=4, to=0, mask=True, scale=True
    )
    tokens, texts = words.cut(model, "The tall man runs")
    assert frame["tokens"] == texts
    assert texts[0] == "\n"
    for ours, theirs in zip(frame["weights"], look(model.model, tokens), strict=True):
        assert np.allclose(ours, theirs[0], atol=1e-4)
    assert (frame["layer"], frame["head"], frame["word"]) == (1, 0, 3)
    assert torch.allclose(frame["new"], torch.tensor(frame["weights"][1][0]) @ frame["values"], atol=1e-3)


def test_without_the_mask_every_row_still_sums_to_one(model):
    frame = VIEWS["words"].make_frame({"mask": False, "scale": False})
    for layer in frame["weights"]:
        assert np.allclose(np.array(layer).sum(-1), 1, atol=1e-3)
    assert np.array(frame["weights"])[:, :, 0, 1:].max() > 0


def test_the_head_is_found_that_takes_most_of_a_word(model):
    frame = VIEWS["words"].make_frame({"word": 5, "to": 3, "head": 0})
    weights = np.array(frame["weights"])[:, :, 4, 2]
    assert weights.max() == weights[frame["layer"], frame["head"]]


@pytest.mark.parametrize(("head", "found"), [(1, (0, 0)), (2, (0, 1)), (3, (1, 0)), (4, (1, 1))])
def test_heads_are_numbered_layer_by_layer(model, head, found):
    frame = VIEWS["words"].make_frame({"head": head})
    assert (frame["layer"], frame["head"]) == found


def test_a_head_that_is_not_there_is_chosen_for_the_reader(model):
    assert VIEWS["words"].make_frame({"head": 4096}) == VIEWS["words"].make_frame({"head": 0})


@pytest.mark.parametrize("sentence", ["", "   "])
def test_an_empty_sentence_is_refused(model, sentence):
    with pytest.raises(UserError, match="Type a sentence"):
        VIEWS["words"].make_frame({"sentence": sentence})


@pytest.mark.parametrize("word", [1, 24])
@pytest.mark.parametrize("sentence", ["a", "Zebras eat 12 apples, don't they? " * 3])
def test_any_sentence_and_any_place_will_do(model, sentence, word):
    frame = VIEWS["words"].make_frame({"sentence": sentence, "word": word})
    assert frame["word"] < len(frame["tokens"]) <= words.MOST_TOKENS


@pytest.mark.parametrize("read", [0, 1, 3, 4])
def test_the_query_meets_one_key_after_the_other_and_then_the_weights_are_shown(model, read):
    frame = VIEWS["words"].make_frame({"word": 3, "head": 2, "read": read})
    scores = np.array(frame["keys"])[:3] @ frame["query"] / math.sqrt(len(frame["query"]))
    assert frame["scores"] == pytest.approx(scores, rel=1e-3, abs=1e-4)
    assert frame["read"] == read
    assert ("meets the key of" in frame["says"]) == (read in (1, 3))
    assert frame["says"].startswith("In head") == (read in (0, 4))
    if read in (1, 3):
        assert f"score {scores[read - 1]:.3g}." in frame["says"]


def test_a_word_that_is_cut_into_pieces_is_named_first(model):
    told, whole = (VIEWS["words"].make_frame({"sentence": f"The man {word}"})["says"] for word in ("zzyzx", "runs"))
    assert told.startswith("Words that this model does not know are cut into pieces: “zzyzx”. ")
    assert "cut into pieces" not in whole


def test_the_next_token_is_told_where_the_model_computes_as_it_was_trained(model):
    frame = VIEWS["words"].make_frame({"sentence": "The dog lost"})
    with torch.inference_mode():
        scores = model.model(torch.tensor([words.cut(model, "The dog lost")[0]]))[0, -1]
    probability, token = scores.softmax(dim=-1).max(dim=-1)
    text = words.show(model.tokenizer.decode([int(token)]))
    assert f"The model's next token: {text}, {float(probability):.0%}." in frame["says"]
    for other in ({"mask": False}, {"scale": False}):
        assert "next token" not in VIEWS["words"].make_frame(other)["says"]


def test_where_numbers_come_from_is_sent_when_the_hand_rests(model):
    moving, whole = (VIEWS["words"].answer({"word": 3}, whole) for whole in (False, True))
    assert (moving["origins"], moving["partial"]) == ({}, True)
    assert "w1" in whole["origins"]
    assert {**whole, "origins": {}, "partial": True} == moving


def test_the_caption_holds_for_every_sentence():
    caption = next(block.body for block in load_text("attention").blocks if block.kind == "view").lower()
    nouns = {*PEOPLE, *ANIMALS, "river", "engine", "lost", "runs"}
    assert not nouns & set(re.findall(r"[a-z]+", caption))


def test_what_the_text_says_of_the_trained_model(words_model, monkeypatch):
    for module in (words, meanings):
        monkeypatch.setattr(module, "open_small_gpt", lambda small: words_model)
    # The first picture, the question and the first button: which word each takes most from, and what comes next.
    asked = [values for name, values in load_text("attention").settings if name == "words"]
    looks = [({}, "lost", "queen", "her"), (asked[0], "lost", "dog", "its"), (asked[1], "lost", "queen", "her")]
    for values, word, taken, following in looks:
        frame = VIEWS["words"].make_frame(values)
        row = frame["weights"][frame["layer"]][frame["head"]][frame["word"]]
        assert frame["tokens"][frame["word"]] == f" {word}"
        assert frame["tokens"][int(np.argmax(row))] == f" {taken}"
        assert max(row) > 0.8
        assert f"next token: “{following}”" in frame["says"]
    alike = VIEWS["lead"].make_frame({"word": "lead", "own": ""})["alike"]
    assert alike[0] == [1, 1]
    assert alike[-1] == pytest.approx([0.85, 0.4], abs=0.13)


@pytest.mark.parametrize("mask", [True, False])
@pytest.mark.parametrize("scale", [True, False])
@pytest.mark.parametrize("head", [0, 1, 4])
def test_the_numbers_of_the_chosen_word_open_to_their_parts(model, mask, scale, head):
    frame = VIEWS["words"].make_frame({"word": 3, "head": head, "mask": mask, "scale": scale})
    check_origins(frame, close=2e-3)
    count, origins = 3 if mask else len(frame["tokens"]), frame["origins"]
    row = frame["weights"][frame["layer"]][frame["head"]][2][:count]
    assert [origins[f"w{place + 1}"]["value"] for place in range(count)] == pytest.approx(row, abs=1e-4)
    new = [origins[f"new{place + 1}"] for place in range(len(frame["new"][2]))]
    assert [number["value"] for number in new] == pytest.approx(frame["new"][2], rel=1e-4, abs=1e-4)
    for channel, number in enumerate(new):
        found = {factor["key"]: factor["value"] for term in number["terms"] for factor in term["factors"]}
        assert found[f"value1_{channel + 1}"] == pytest.approx(frame["values"][0][channel], rel=1e-4)
    assert origins["s2"]["then"] == ("· ÷ √8" if scale else "")
    assert f"w{count + 1}" not in origins


def test_the_example_by_hand_is_right():
    frame = hand.compute_hand([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    assert [round(float(weight), 4) for weight in frame["weights"][2]] == [0.0114, 0.7952, 0.1933]
    assert [round(float(number), 4) for number in frame["new"][2]] == [0.4095, -0.9886]
    assert [float(score) for score in frame["scores"][2]] == [-2, 4, 2]
    assert torch.equal(frame["new"], causal_attention(frame["queries"], frame["keys"], frame["values"]))


def test_a_longer_vector_gets_a_larger_weight():
    short, long = (hand.compute_hand([[1.0, 0.0], [0.0, y], [1.0, 1.0]])["weights"][2, 1] for y in (1.0, 2.0))
    assert long > short


@pytest.mark.parametrize("word", MEANINGS)
def test_every_word_of_two_meanings_begins_as_one_vector(model, word):
    frame = VIEWS["lead"].make_frame({"word": word, "own": ""})
    first, *_, last = (np.array(level) for level in frame["places"])
    assert np.ptp(first, axis=0).max() < 1e-9 < np.ptp(last, axis=0).max()
    assert frame["alike"][0] == [1, 1]
    assert len(frame["dots"]) == first.shape[0] == len(find_examples(word))


def test_what_stands_behind_a_sentence_does_not_change_its_vectors(model):
    alone = meanings.find_vectors(model, ["The man can lead the dog home."], "lead")
    beside = meanings.find_vectors(model, ["The man can lead the dog home.", "The pipe of lead is grey. " * 2], "lead")
    assert torch.allclose(alone[:, 0], beside[:, 0], atol=1e-5)


def test_a_sentence_without_the_word_has_no_dot(model):
    without, own = (VIEWS["lead"].make_frame({"own": own}) for own in ("The man runs.", "The man can lead the dog."))
    assert len(without["dots"]) == len(without["places"][0]) == len(own["dots"]) - 1
    assert "no “lead”" in without["says"]
    assert own["note"] == ""
    with pytest.raises(UserError, match="small letters"):
        VIEWS["lead"].make_frame({"own": "LEAD is heavy."})


@pytest.mark.parametrize("width", [1, 16, 1024])
def test_scores_are_smaller_by_the_root_of_their_number(width):
    wide = VIEWS["scale"].make_frame({"width": width, "divide": False})
    same = VIEWS["scale"].make_frame({"width": width, "divide": True})
    assert np.allclose(np.array(wide["scores"]), np.array(same["scores"]) * math.sqrt(width), rtol=1e-3)
    for frame in (wide, same):
        scores = np.exp(np.array(frame["scores"]) - max(frame["scores"]))
        assert np.allclose(frame["weights"], scores / scores.sum(), atol=1e-4)


def test_the_patterns_give_each_word_its_meanings():
    for word, known in MEANINGS.items():
        found = find_examples(word)
        assert {meaning for _, meaning in found} == set(known)
        assert all(word in sentence.split() for sentence, _ in found)
    assert write_sentences(50) == write_sentences(50) != write_sentences(50, seed=1)


def test_while_a_model_is_trained_the_frame_says_how_far_it_is(monkeypatch):
    def wait(small):
        raise trained.StillTrainingError(small.name, Watch())

    for module in (words, meanings):
        monkeypatch.setattr(module, "open_small_gpt", wait)
    assert VIEWS["words"].make_frame({})["waiting"]["model"] == "sentences"
    assert "Read on" in VIEWS["lead"].make_frame({})["says"]


def test_two_pages_may_look_into_one_model_at_the_same_time(model):
    words = ["lead", "bank", "bark", "runs"] * 4
    alone = {word: meanings.compute_lead(word=word, block=1, own="")["places"].tolist() for word in set(words)}
    with ThreadPoolExecutor(4) as pool:
        together = list(
            pool.map(lambda word: meanings.compute_lead(word=word, block=1, own="")["places"].tolist(), words)
        )
    assert together == [alone[word] for word in words]


@pytest.mark.parametrize("count", [1, 2, 4, 8])
def test_every_head_averages_its_values(count):
    frame = VIEWS["heads"].make_frame({"heads": str(count)})
    keys, values, weights = (np.array(frame[name]) for name in ("keys", "values", "weights"))
    width = heads.CHANNELS // count
    assert keys.shape == values.shape == (count, len(heads.SENTENCE), width)
    scores = np.einsum("hd,htd->ht", frame["queries"], keys) / math.sqrt(width)
    assert np.allclose(weights, torch.tensor(scores).softmax(1), atol=1e-4)
    assert np.allclose(frame["results"], np.einsum("ht,htd->hd", weights, values), atol=1e-4)
    assert f" {width} of the 32 numbers" in frame["says"]
    assert check_origins(frame) == heads.CHANNELS * 2 + count * (3 * len(heads.SENTENCE) + 1)
    assert [frame["origins"][f"new{place + 1}"]["value"] for place in range(heads.CHANNELS)] == frame["new"]
    for head in range(count):
        origins = [frame["origins"][f"h{head}new{place + 1}"] for place in range(width)]
        assert [origin["value"] for origin in origins] == pytest.approx(frame["results"][head], rel=1e-4, abs=1e-5)
        assert {origin["terms"][1]["factors"][1]["key"][:2] for origin in origins} == {f"h{head}"}
