"""onnxruntime opens what we write and computes what we compute."""

import json
import re

import jaxtyping
import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from groundup.base.reporting import Reporter
from groundup.estimators.sentiment_classes import to_probabilities
from groundup.export.formats import export_run
from groundup.tasks.classification.task import task as classification
from groundup.tasks.digits.model import Recogniser
from groundup.tasks.gpt.runs import open_gpt
from groundup.tasks.launch import launch
from groundup.tasks.protocol import predict_words
from groundup.tasks.regression.task import task as heights
from groundup.tasks.sentiment.runs import open_sentiment

LABELLED = (
    "text,label,topic\n" + 'what a lovely day,1,7\n"don\'t watch it, boring...",0,8\ngood fun,1,9\nnot good,0,9\n' * 15
)
TABLE = "age,sex,shoe,height\n" + "".join(
    f"{row % 7 + 3},{('f', 'm', '')[row % 3]},{'' if row % 5 == 0 else row % 4},{row % 7 * 6 + row % 3}\n"
    for row in range(40)
)
DIGITS = ["epochs=1", "hidden=8", "precision=float32"]
KINDS = {
    "dense": ("digits", DIGITS),
    "sigmoid": ("digits", [*DIGITS, "head=sigmoid"]),
    "convolutional": ("digits", [*DIGITS, "network=convolutional", "channels=2", "batch_size=64"]),
    "ratios": ("sentiment", ["epochs=1", "least_steps=20"]),
    "average": ("sentiment", ["preset=notes", "epochs=2", "width=4"]),
    "ratios-classes": ("sentiment", ["labels=classes", "label_column=topic", "epochs=1", "least_steps=20"]),
    "average-classes": ("sentiment", ["labels=classes", "label_column=topic", "preset=notes", "width=4"]),
    "complete": ("heights", ["missing=mean"]),
    "heights": ("heights", []),
    "two-classes": ("classification", ["missing=mean", "target=sex", "features=age,shoe"]),
    "more-classes": ("classification", ["target=shoe", "features=age,sex,height"]),
}
DATA = {
    "sentiment": ("labelled.csv", LABELLED),
    "heights": ("table.csv", TABLE),
    "classification": ("table.csv", TABLE),
}


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """Return what trains a run of a kind, exports it and opens it in onnxruntime; each once."""
    folder = tmp_path_factory.mktemp("onnx")
    made = {}

    def export(kind):
        if kind not in made:
            task, pairs = KINDS[kind]
            data = None
            if task in DATA:
                data = str(folder / DATA[task][0])
                (folder / DATA[task][0]).write_text(DATA[task][1])
            trained = launch(task, root=folder, name=kind, data=data, pairs=pairs, reporter=Reporter.silent())[0]
            made[kind] = trained, open_session(export_run(trained, "onnx", folder / f"{kind}.onnx").path)
        return made[kind]

    return export


@pytest.fixture(autouse=True, scope="module")
def _shapes_unchecked():
    """PyTorch's exporter runs the steps with sizes that stand for any number, and the checker wants numbers."""
    jaxtyping.config.update("jaxtyping_disable", True)
    yield
    jaxtyping.config.update("jaxtyping_disable", False)


def open_session(path):
    return onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])


def notes(session):
    return session.get_modelmeta().custom_metadata_map


@pytest.mark.parametrize("kind", ["dense", "sigmoid", "convolutional"])
@given(count=st.integers(1, 40), seed=st.integers(0, 2**32 - 1))
def test_digits(exported, kind, count, seed):
    run, session = exported(kind)
    pixels = np.random.default_rng(seed).integers(0, 256, (count, 28, 28), dtype=np.uint8)
    recogniser = Recogniser.open(run)
    probabilities, scores = session.run(["probabilities", "scores"], {"pixels": pixels})
    np.testing.assert_allclose(probabilities, recogniser.probabilities(pixels), atol=1e-5)
    np.testing.assert_allclose(scores, recogniser.scores(torch.from_numpy(pixels)), atol=1e-5)
    assert json.loads(notes(session)["classes"]) == list(recogniser.classes)


def cut(session, texts):
    """Cut texts as the file's own notes say: what a user does who has the file alone."""
    pattern = notes(session)["pattern"]
    rows = [re.findall(pattern, text.lower().replace("’", "'")) for text in texts]
    feed = {"words": fill_up(rows)}
    if len(session.get_inputs()) == 2:
        feed["pieces"] = fill_up([cut_pieces(words) for words in rows])
    return feed


def cut_pieces(words):
    return [f"<{w}>"[at : at + n] for w in words for n in range(3, 7) for at in range(len(w) + 3 - n)]


def fill_up(rows):
    width = max([1, *map(len, rows)])
    return np.array([row + [""] * (width - len(row)) for row in rows], dtype=object)


SOME_WORDS = [
    "what",
    "a",
    "lovely",
    "day",
    "don't",
    ",",
    "boring",
    "...",
    "not",
    "Bored",
    "goodness",
    "7",
    "it’s",
    "Ärger",
]
sentences = st.lists(st.sampled_from(SOME_WORDS), max_size=9).map(" ".join)


@pytest.mark.parametrize("kind", ["ratios", "average"])
@given(texts=st.lists(st.one_of(sentences, st.text(max_size=20)), min_size=1, max_size=6))
def test_sentiment(exported, kind, texts):
    run, session = exported(kind)
    probability, logit = session.run(["probability", "logit"], cut(session, texts))
    expected = open_sentiment(run).score(texts)
    np.testing.assert_allclose(logit, expected, atol=1e-5)
    np.testing.assert_allclose(probability, 1 / (1 + np.exp(-expected)), atol=1e-5)


@pytest.mark.parametrize("kind", ["ratios-classes", "average-classes"])
@given(texts=st.lists(st.one_of(sentences, st.text(max_size=20)), min_size=1, max_size=6))
def test_sentiment_of_several_classes(exported, kind, texts):
    run, session = exported(kind)
    probabilities, logits = session.run(["probabilities", "logits"], cut(session, texts))
    expected = open_sentiment(run).score(texts)
    np.testing.assert_allclose(logits, expected, atol=1e-5)
    np.testing.assert_allclose(probabilities, to_probabilities(expected), atol=1e-5)
    assert json.loads(notes(session)["classes"]) == ["7", "8", "9"]


@given(rows=st.lists(st.tuples(st.floats(-50, 50), st.sampled_from("fm"), st.floats(-9, 9)), min_size=1, max_size=9))
def test_heights(exported, rows):
    run, session = exported("heights")
    asked = [f"age={age!r},sex={sex},shoe={shoe!r}" for age, sex, shoe in rows]
    expected = [
        item["prediction"] for item in predict_words(heights, run, asked, Reporter.silent()).facts["predictions"]
    ]
    ages, sexes, shoes = zip(*rows, strict=True)
    feed = {"age": np.array(ages), "sex": np.array(sexes, object), "shoe": np.array(shoes)}
    np.testing.assert_allclose(session.run(["prediction"], feed)[0], expected, atol=1e-9)


@pytest.mark.parametrize("kind", ["two-classes", "more-classes"])
def test_classes(exported, kind):
    run, session = exported(kind)
    ages, shoes, sexes, heights_ = [3.0, 9.0, 5.0], [1.0, 2.0, np.nan], ["f", "m", "m"], [1.0, 20.0, 5.0]
    columns = {"age": ages, "shoe": shoes, "sex": sexes, "height": heights_}
    asked = [one.name for one in session.get_inputs()]
    rows = [
        {name: columns[name][place] for name in asked if columns[name][place] == columns[name][place]}
        for place in range(3)
    ]
    found = classification.predict(run, rows).probabilities
    feed = {name: np.array(columns[name], object if name == "sex" else np.float64) for name in asked}
    np.testing.assert_allclose(session.run(None, feed)[0], np.array(found), atol=1e-9)
    assert json.loads(notes(session)["classes"]) == run.config["model"]["classes"]


def test_heights_with_missing_cells_and_strange_words(exported):
    run, session = exported("complete")
    feed = {"age": [5.0, np.nan, 5.0, 5.0], "sex": ["m", "m", "", "x"], "shoe": [np.nan, 1.0, 2.0, 1.0]}
    types = {"age": np.float64, "sex": object, "shoe": np.float64}
    found = session.run(None, {name: np.array(cells, types[name]) for name, cells in feed.items()})[0]
    rows = ["age=5,sex=m,shoe=", "age=,sex=m,shoe=1", "age=5,sex=,shoe=2"]
    expected = [
        item["prediction"] for item in predict_words(heights, run, rows, Reporter.silent()).facts["predictions"]
    ]
    np.testing.assert_allclose(found[:3], expected, atol=1e-9)
    assert np.isnan(found[3])
    without = exported("heights")[1].run(None, {name: np.array(feed[name], types[name]) for name in feed})[0]
    assert np.isnan(without).all()  # this run was trained without the rows that miss a cell
    assert json.loads(notes(session)["columns"])["age"] == "number"
    assert notes(session)["target"] == "height"


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plain")
    (folder / "text.txt").write_text("she sells sea shells. " * 40)
    pairs = ["preset=plain", "layers=1", "heads=2", "width=16", "context=12", "batch_size=2", "steps=3"]
    pairs += ["precision=float32", "sample_tokens=0"]
    return launch("gpt", root=folder, data=str(folder / "text.txt"), pairs=pairs, reporter=Reporter.silent())[0]


@pytest.mark.parametrize("run", ["classic-bytepair", "modern-characters"], indirect=True)
def test_gpt(run, tmp_path):
    check_logits(run, tmp_path)


def test_a_plain_gpt(plain, tmp_path):
    check_logits(plain, tmp_path)


def check_logits(run, tmp_path):
    made = export_run(run, "onnx", tmp_path / "model.onnx")
    session = open_session(made.path)
    model, tokenizer, _ = open_gpt(run)
    context = model.settings.context
    for batch, time in [(1, 1), (1, 2), (2, 1), (3, 7), (5, context)]:
        tokens = torch.randint(tokenizer.size, (batch, time))
        found = session.run(["logits"], {"tokens": tokens.numpy()})[0]
        np.testing.assert_allclose(found, model(tokens).numpy(), rtol=1e-5, atol=1e-5)
    told = notes(session)
    assert (told["context"], told["preset"], told["task"]) == (str(context), model.settings.preset, "gpt")
    assert json.loads(told["tokenizer"]) == json.loads(tokenizer.to_json())


@pytest.mark.parametrize("kind", ["dense", "ratios", "heights"])
def test_one_file_that_says_what_it_is(exported, kind):
    run, session = exported(kind)
    path = run.folder.parent / f"{kind}.onnx"
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    assert {opset.domain: opset.version for opset in model.opset_import}[""] == 20
    assert model.producer_name == "groundup"
    assert not any(tensor.external_data for tensor in model.graph.initializer)
    assert b".py" not in path.read_bytes()  # nothing of the disk it was made on
    for value in [*session.get_inputs(), *session.get_outputs()]:
        assert value.shape[0] == "batch"
