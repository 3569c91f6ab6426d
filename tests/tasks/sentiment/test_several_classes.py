"""Runs of more classes than positive and negative, from training to every other command."""

import json

import numpy as np
import pytest

from groundup.base.errors import UserError
from groundup.base.reporting import Reporter
from groundup.cli import main
from groundup.data.texts.labelled_texts import STARTER
from groundup.data.texts.words import split_words
from groundup.runs.folder import Run
from groundup.tasks.launch import launch
from groundup.tasks.protocol import predict_words
from groundup.tasks.sentiment.runs import find_neighbours, open_sentiment
from groundup.tasks.sentiment.task import task

SILENT = Reporter.silent()
KINDS = {"default": [], "notes": ["preset=notes", "width=4"]}
TOPICS = ["meals", "music", "[weather]"]
WORDS = {"meals": "soup bread cook", "music": "song choir drum", "[weather]": "rain storm sun"}
TEXTS = ["a warm soup and bread", "the choir, the song", "", "zyx", "storm storm rain"]


def train(root, name, data, pairs, **more):
    return launch("sentiment", root=root, name=name, data=str(data), pairs=pairs, reporter=SILENT, **more)


@pytest.fixture(scope="module")
def topics(tmp_path_factory):
    path = tmp_path_factory.mktemp("topics") / "topics.csv"
    rows = [
        f'"the {word}, number {number}",{topic}'
        for number in range(6)
        for topic in TOPICS
        for word in WORDS[topic].split()
    ]
    path.write_text("text,topic\n" + "\n".join(rows))
    return path


@pytest.fixture(scope="module")
def trained(topics):
    root = topics.parent / "runs"
    return {kind: train(root, kind, topics, pairs) for kind, pairs in KINDS.items()}


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_tells_accuracy_the_best_guess_confusion_and_deciding_words(trained, kind):
    run, report = trained[kind]
    assert run.config["classes"] == task.describe_form(run)["classes"] == ["[weather]", "meals", "music"]
    assert report.facts["accuracy"] > 0.9
    assert report.facts["majority_accuracy"] == pytest.approx(1 / 3, abs=0.1)
    assert sum(sum(row.values()) for row in report.facts["confusion"].values()) == report.facts["test_texts"]
    assert all(set(WORDS[topic].split()) <= set(words) for topic, words in report.facts["deciding_words"].items())


@pytest.mark.parametrize("kind", KINDS)
def test_probabilities_of_all_classes_add_up_and_shares_to_the_logit(trained, kind):
    run, _ = trained[kind]
    found = predict_words(task, run, TEXTS, SILENT).facts["predictions"]
    assert [one["prediction"] for one in found[:2]] == ["meals", "music"]
    assert found[-1]["prediction"] == "[weather]"
    for text, one in zip(TEXTS, found, strict=True):
        assert sum(one["probabilities"].values()) == pytest.approx(1)
        assert max(one["probabilities"], key=one["probabilities"].get) == one["prediction"]
        assert one["bias"] + sum(word["share"] for word in one["words"]) == pytest.approx(one["logit"], abs=1e-4)
        assert [word["word"] for word in one["words"]] == split_words(text)
    model = open_sentiment(run)
    logits = model.score(TEXTS)
    np.testing.assert_allclose(logits.sum(axis=1), 0, atol=1e-4)
    shares = [[model.share(text, place).logit for place in range(3)] for text in TEXTS]
    np.testing.assert_allclose(shares, logits, atol=1e-4)
    json.dumps(found)


@pytest.mark.parametrize("kind", KINDS)
def test_evaluation_pictures_and_neighbours(trained, kind, tmp_path):
    run, report = trained[kind]
    own = task.evaluate(run, None, tmp_path, SILENT)
    assert own.facts["accuracy"] == report.facts["accuracy"]
    assert own.facts["confusion"] == report.facts["confusion"]
    pictures = [tmp_path / "confusion.png", *task.draw(run, tmp_path)]
    assert all(picture.read_bytes().startswith(b"\x89PNG") for picture in pictures)
    assert {one["leans"] for one in find_neighbours(run, "soup", 3).facts["neighbours"]} <= set(TOPICS)


def test_the_commands_say_it_in_words(trained, topics, capsys):
    runs = ("--runs", str(trained["default"][0].folder.parent))
    assert main(["predict", "default", "a warm soup", *runs]) == 0
    assert "meals  a warm soup" in capsys.readouterr().out
    assert main(["evaluate", "default", "--data", str(topics), *runs]) == 0
    told = capsys.readouterr().out
    assert "33.3% if " in told
    assert "[weather]" in told
    assert main(["evaluate", "default", "--data", str(STARTER), *runs]) == 2
    assert 'label "positive" is not understood. The run tells [weather], meals, music apart' in " ".join(
        capsys.readouterr().err.split()
    )


def test_neutral_texts_are_a_class_and_a_run_from_before_goes_on_without_them(tmp_path):
    rows = STARTER.read_text().splitlines()[1:41]
    path = tmp_path / "a.tsv"
    path.write_text("text\tlabel\n" + "\n".join([*rows, *(f"it is number {number}\tneutral" for number in range(9))]))
    pairs = ["least_steps=5", "epochs=1"]
    run, report = train(tmp_path, "three", path, pairs)
    assert report.facts["classes"] == ["negative", "neutral", "positive"]
    config = {key: value for key, value in run.config.items() if key not in ("classes", "majority", "checkpoint")}
    Run.create(tmp_path, "old", "sentiment", {**config, "scale": ""})
    again, report = train(tmp_path, "old", path, pairs, resume=True)
    assert "classes" not in again.config
    assert report.facts["train_texts"] + report.facts["test_texts"] == 40


@pytest.mark.parametrize("classes", [["a"], "abc", [1, 2, 3], None, ["a", "b"]])
def test_damaged_names_of_classes_are_told(trained, tmp_path, classes):
    run, _ = trained["default"]
    copy = Run.create(tmp_path, "copy", "sentiment", {})
    for name in ("model.safetensors", "tokenizer.json"):
        copy.path(name).write_bytes(run.path(name).read_bytes())
    copy.update_config(classes=classes)
    with pytest.raises(UserError, match=r"config.json: .*classes.* own file back"):
        open_sentiment(copy)
