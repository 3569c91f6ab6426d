import json
import subprocess
import sys
import time

import numpy as np
import pytest
import torch
import warm
from tokenizers import Tokenizer

from groundup.base.errors import UserError
from groundup.base.reporting import Reporter
from groundup.data.texts.labelled_texts import STARTER, read_labelled_texts
from groundup.data.texts.words import make_word_tokenizer, split_words
from groundup.runs.folder import Run
from groundup.tasks.launch import launch
from groundup.tasks.listing import find_steps
from groundup.tasks.protocol import predict_words
from groundup.tasks.sentiment.runs import find_neighbours, open_sentiment
from groundup.tasks.sentiment.task import task

SILENT = Reporter.silent()
KINDS = {"default": [], "notes": ["preset=notes", "epochs=40"]}


def train(root, name="sentiment", data="sentences", pairs=(), **more):
    return launch("sentiment", root=root, name=name, data=data, pairs=pairs, reporter=SILENT, **more)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    root = tmp_path_factory.mktemp("runs")
    return {kind: train(root, kind, pairs=pairs) for kind, pairs in KINDS.items()}


@pytest.mark.parametrize("kind", KINDS)
def test_it_learns_more_than_guessing_from_the_starter_set(trained, kind):
    _, report = trained[kind]
    assert report.facts["accuracy"] > 0.6
    assert report.facts["train_texts"] + report.facts["test_texts"] == 224


def test_the_reviews_are_read_by_default_and_a_run_from_before_keeps_its_sentences(tmp_path):
    run, report = train(tmp_path, data=None)
    assert (report.facts["train_texts"], report.facts["test_texts"]) == (2400, 600)
    assert report.facts["accuracy"] > 0.82
    old, first = train(tmp_path, "old")
    old.update_config(data=None)  # as it was written when the sentences were the built-in set
    assert task.evaluate(Run.open(tmp_path, "old"), None, tmp_path, SILENT).facts["accuracy"] == first.facts["accuracy"]
    assert task.evaluate(run, None, tmp_path, SILENT).facts["accuracy"] == report.facts["accuracy"]


@pytest.mark.parametrize("kind", KINDS)
def test_shares_and_bias_add_up_to_the_logit_and_batches_do_not_matter(trained, kind):
    run, _ = trained[kind]
    texts = ["What a lovely day!", "the the the soup", "", "zyx qqq", "[bold]awful[/bold] " * 30, "can't"]
    together = predict_words(task, run, texts, SILENT).facts["predictions"]
    for text, found in zip(texts, together, strict=True):
        alone = predict_words(task, run, [text], SILENT).facts["predictions"][0]
        assert alone["logit"] == pytest.approx(found["logit"], abs=1e-5)
        total = found["bias"] + sum(word["share"] for word in found["words"])
        assert total == pytest.approx(found["logit"], abs=1e-4)
        assert found["probability"] == pytest.approx(1 / (1 + np.exp(-found["logit"])))
        assert [word["word"] for word in found["words"]] == split_words(text)
    json.dumps(together)


def test_unknown_words_and_the_empty_sentence_are_told(trained):
    report = predict_words(task, trained["default"][0], ["good zyx !?", "", "day"], SILENT)
    assert [found["unknown"] for found in report.facts["predictions"]] == [["zyx"], [], []]
    told = "\n".join(report.lines)
    assert "never seen in training, judged by the pieces they share with known words: zyx" in told
    assert "no words: only the bias counts" in told
    assert "all read as one unknown word" in "\n".join(predict_words(task, trained["notes"][0], ["zyx"], SILENT).lines)


def test_evaluation_counts_and_draws(trained, tmp_path):
    run, report = trained["default"]
    own = task.evaluate(run, None, tmp_path, SILENT)
    assert own.facts["accuracy"] == report.facts["accuracy"]
    whole = task.evaluate(run, "sentences", tmp_path, SILENT).facts
    starter = read_labelled_texts(STARTER)
    right = (open_sentiment(run).score(starter.texts) > 0) == np.array(starter.labels)
    assert whole["accuracy"] == pytest.approx(right.mean(), abs=1e-5)
    assert sum(sum(guesses.values()) for guesses in whole["confusion"].values()) == 224
    assert len(whole["worst_mistakes"]) == min(10, (~right).sum())
    assert (tmp_path / "certainty.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("kind", KINDS)
def test_pictures_are_drawn(trained, kind, tmp_path):
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in task.draw(trained[kind][0], tmp_path))


def test_the_run_holds_a_tokenizer_that_other_tools_open(trained):
    run, _ = trained["notes"]
    tokenizer = Tokenizer.from_file(str(run.path("tokenizer.json")))
    model = open_sentiment(run)
    texts = ["The soup was cold.", "What an unheard-of day!"]
    padded = torch.tensor([encoding.ids for encoding in tokenizer.encode_batch(texts)])
    with torch.inference_mode():
        assert torch.allclose(model(padded), torch.from_numpy(model.score(texts)), atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_neighbours_are_known_words_nearest_first(trained, kind):
    run, _ = trained[kind]
    found = find_neighbours(run, "The", 5).facts
    assert found["word"] == "the"
    cosines = [neighbour["cosine"] for neighbour in found["neighbours"]]
    assert len(cosines) == 5
    assert cosines == sorted(cosines, reverse=True)
    assert "the" not in [neighbour["word"] for neighbour in found["neighbours"]]


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("terible", '"terible" does not occur in the texts this run was trained on. Spelled alike: terrible'),
        ("zzzzzzzz", "Try a more common word"),
        ("two words", "give one word, not 2"),
        ("", "give one word, not 0"),
    ],
)
def test_a_word_without_neighbours_is_explained(trained, word, message):
    with pytest.raises(UserError, match=message):
        find_neighbours(trained["default"][0], word)


def test_a_tokenizer_that_does_not_fit_is_refused(trained, tmp_path):
    run, _ = trained["default"]
    copy = Run.create(tmp_path, "copy", "sentiment", {})
    copy.save_model(run.load_model())
    with pytest.raises(UserError, match=r"tokenizer\.json: missing"):
        open_sentiment(copy)
    copy.path("tokenizer.json").write_text("{")
    with pytest.raises(UserError, match=r"tokenizer\.json: damaged"):
        open_sentiment(copy)
    copy.path("tokenizer.json").write_text(make_word_tokenizer(["a", "b"]).to_str())
    with pytest.raises(UserError, match="does not fit the weights: it numbers 4 words"):
        open_sentiment(copy)


def test_a_run_of_another_task_is_refused(tmp_path):
    with pytest.raises(UserError, match="is a run of digits, not of sentiment"):
        open_sentiment(Run.create(tmp_path, "other", "digits", {}))


def test_unusable_data_leaves_no_run_behind(tmp_path):
    path = tmp_path / "one.tsv"
    path.write_text("a\t1\nb\t1\n")
    with pytest.raises(UserError, match="all 2 texts are labelled positive"):
        train(tmp_path / "runs", data=str(path))
    assert not (tmp_path / "runs" / "sentiment").exists()


def test_minutes_plan_the_steps_once(tmp_path):
    run, report = train(tmp_path, minutes=0.002)
    assert report.facts["steps"] == find_steps(run) >= 1


@pytest.mark.parametrize("kind", KINDS)
def test_killed_runs_end_bit_for_bit_where_the_straight_run_ends(trained, kind, tmp_path):
    pairs = [*KINDS[kind], "checkpoint_seconds=0"]
    root = f"root=Path({str(tmp_path)!r}), name='killed', data='sentences'"
    call = f"launch('sentiment', {root}, pairs={pairs!r}, resume=True, reporter=R)"
    code = (
        "from pathlib import Path; from groundup.tasks.launch import launch; "
        f"from groundup.base.reporting import Reporter; R = Reporter.silent(); {call}"
    )
    state = tmp_path / "killed" / "state.safetensors"
    for kill in range(2):
        process = warm.start([sys.executable, "-c", code], stderr=subprocess.DEVNULL)
        before = state.stat().st_mtime_ns if state.exists() else 0
        while process.poll() is None:
            if state.exists() and state.stat().st_mtime_ns != before:
                time.sleep(0.05 * kill)
                break
            time.sleep(0.005)
        process.kill()
        process.wait()
    assert state.exists()
    assert not (tmp_path / "killed" / "model.safetensors").exists(), "it was not killed in the middle"
    warm.run([sys.executable, "-c", code], check=True)
    straight, resumed = trained[kind][0].load_model(), Run.open(tmp_path, "killed").load_model()
    assert straight.keys() == resumed.keys()
    assert all(torch.equal(straight[name], resumed[name]) for name in straight)


def test_better_than_fasttext_on_film_reviews(shared_data, tmp_path):
    # fastText with word pairs reaches 81.3 to 81.7 % on these test sentences.
    _, report = train(tmp_path, data=str(shared_data("sst2")), seed=1)
    assert report.facts["accuracy"] >= 0.825
