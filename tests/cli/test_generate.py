"""``generate`` and ``attention`` as a person meets them: streams, seeds, conversations, clear refusals."""

import io
import json
import subprocess
import sys
import time

import pytest
from PIL import Image

from groundup.base.reporting import Reporter
from groundup.cli import main
from groundup.tasks.launch import launch

RHYME = "one two three four five six seven eight\n" * 60
TINY = ["layers=2", "heads=2", "width=16", "context=16", "batch_size=8", "precision=float32", "steps=120"]


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("generate")
    (folder / "rhyme.txt").write_text(RHYME)
    (folder / "accents.txt").write_text("déjà vu — naïve café 😀\n" * 80)
    for name, text, more in [
        ("rhyme", "rhyme.txt", []),
        ("accents", "accents.txt", ["tokenizer=bytepair", "vocabulary_size=260", "preset=classic"]),
    ]:
        data = str(folder / text)
        launch("gpt", root=folder, data=data, name=name, pairs=[*TINY, *more], reporter=Reporter.silent())
    return folder


@pytest.fixture
def groundup(runs, capfdbinary, monkeypatch):
    # The command chooses threads for its own process; these tests share theirs with others.
    monkeypatch.setattr("torch.set_num_threads", lambda count: None)

    def call(*arguments, typed=None):
        if typed is not None:
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(typed.encode()), encoding="utf-8"))
        code = main([*arguments, "--runs", str(runs)])
        sys.stdout.flush()
        out, err = capfdbinary.readouterr()
        return code, out.decode(), err.decode()

    return call


def test_it_goes_on_with_the_prompt(groundup):
    code, out, err = groundup("generate", "rhyme", "--prompt", "one two th", "--tokens", "60", "--temperature", "0")
    assert (code, err) == (0, "")
    assert out.startswith("one two three four")
    assert len(out) == len("one two th") + 60 + 1


def test_the_seed_decides(groundup):
    def text(*more):
        return groundup("generate", "rhyme", "--temperature", "1.5", "--tokens", "80", *more)[1]

    assert text("--seed", "1") == text("--seed", "1") != text("--seed", "2")
    told = json.loads(groundup("generate", "rhyme", "--json", "--tokens", "40", "--temperature", "1.5")[1])
    again = json.loads(groundup("generate", "rhyme", "--json", "--tokens", "40", "--temperature", "1.5",
                                "--seed", str(told["seed"]))[1])  # fmt: skip
    assert told == again
    assert len(told["text"]) == 40


def test_narrow_choices_are_the_likeliest(groundup):
    greedy = groundup("generate", "rhyme", "--temperature", "0", "--tokens", "30")[1]
    assert groundup("generate", "rhyme", "--top-k", "1", "--tokens", "30")[1] == greedy
    assert groundup("generate", "rhyme", "--top-p", "0.0001", "--tokens", "30")[1] == greedy


def test_bytes_make_whole_characters(groundup):
    code, out, _ = groundup("generate", "accents", "--prompt", "déjà", "--tokens", "100", "--seed", "3")
    assert code == 0
    assert out.startswith("déjà")
    emoji = groundup("generate", "accents", "--prompt", "日本語 🦄", "--tokens", "5")
    assert emoji[0] == 0
    assert emoji[1].startswith("日本語 🦄")


def test_a_prompt_longer_than_the_context_is_cut_and_said(groundup):
    code, out, err = groundup("generate", "rhyme", "--prompt", RHYME[:200], "--tokens", "10", "--temperature", "0")
    assert code == 0
    assert "The prompt has 200 tokens; this model can see 16" in err
    assert out.startswith(RHYME[:200])
    assert len(out) == 211


def test_the_prompt_from_standard_input(groundup):
    code, out, _ = groundup("generate", "rhyme", "--prompt", "-", "--tokens", "5", "--temperature", "0", typed="one t")
    assert (code, out) == (0, "one two th\n")


def test_a_conversation_keeps_what_was_said(groundup):
    code, out, err = groundup("generate", "rhyme", "--interactive", "--tokens", "8", "--temperature", "0",
                              typed="one two\nZ\nthree\n")  # fmt: skip
    assert code == 0
    assert 'never saw "Z"' in err
    assert len([line for line in out.split("\n") if line]) >= 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["rhyme", "--prompt", "ONE"], 'This model never saw "O" "N" "E"'),
        (["accents", "--prompt", "ab\udcff"], "not valid UTF-8 at character 2"),
        (["rhyme", "--tokens", "0"], "--tokens 0: must be at least 1"),
        (["rhyme", "--temperature", "-1"], "--temperature -1.0: must be 0"),
        (["rhyme", "--temperature", "nan"], "--temperature nan"),
        (["rhyme", "--temperature", "1e-300"], "--temperature 1e-300: must be 0 (always the likeliest), or from 0.001"),
        (["rhyme", "--temperature", "1e300"], "--temperature 1e+300"),
        (["rhyme", "--tokens", "100000000000"], "--tokens 100000000000: must be at most 100000000"),
        (["rhyme", "--tokens", "9" * 30], "must be at most 100000000"),
        (["x" * 300], "No run called"),
        (["rhyme", "--top-k", "0"], "--top-k 0"),
        (["rhyme", "--top-p", "1.5"], "--top-p 1.5"),
        (["rhyme", "--interactive", "--json"], "leave out --json"),
        (["nobody"], 'No run called "nobody"'),
    ],
)
def test_wrong_usage_is_one_line(groundup, arguments, message):
    code, _, err = groundup("generate", *arguments)
    assert code == 2
    assert message in err
    assert len(err.strip().splitlines()) == 1


def test_it_streams(runs):
    """The first words are there long before the last: the process is stopped after a few of a million tokens."""
    command = [sys.executable, "-m", "groundup", "generate", "rhyme", "--tokens", "1000000", "--runs", str(runs)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        deadline = time.monotonic() + 60
        assert len(process.stdout.read(20)) == 20
        assert time.monotonic() < deadline
        assert process.poll() is None
    finally:
        process.kill()
        process.communicate()


def test_a_picture_of_what_the_heads_look_at(groundup, tmp_path):
    picture = tmp_path / "heads.png"
    code, out, _ = groundup("attention", "rhyme", "--text", "one two three four", "--out", str(picture), "--json")
    assert code == 0
    assert json.loads(out) == {"picture": str(picture), "layers": 2, "heads": 2, "tokens": 16, "left_out": 2}
    with Image.open(picture) as image:
        assert image.size[0] > 300
    code, _, err = groundup("attention", "rhyme", "--text", "")
    assert code == 2
    assert "nothing to look at" in err


def test_a_picture_does_not_replace_what_a_link_or_a_run_holds(groundup, runs, tmp_path):
    link, target = tmp_path / "link.png", tmp_path / "target.png"
    link.symlink_to(target)
    assert groundup("attention", "rhyme", "--text", "one", "--out", str(link))[0] == 0
    assert link.is_symlink()
    with Image.open(target) as image:
        assert image.format == "PNG"
    assert groundup("attention", "rhyme", "--text", "one", "--out", "/dev/null")[0] == 0
    before = (runs / "rhyme" / "config.json").read_bytes()
    code, _, err = groundup("attention", "rhyme", "--text", "one", "--out", str(runs / "rhyme" / "config.json"))
    assert code == 2
    assert "the run rhyme needs this file" in err
    assert (runs / "rhyme" / "config.json").read_bytes() == before
    code, _, err = groundup("attention", "rhyme", "--text", "one", "--out", "/")
    assert (code, len(err.splitlines())) == (2, 1)


def test_weights_that_overflow_are_told(groundup, runs, tmp_path):
    """Every number is finite, and yet the scores are not."""
    from groundup.runs.folder import Run

    run = Run.open(runs, "rhyme")
    kept = run.path("best.safetensors").read_bytes()
    weights = run.load_model("best.safetensors")
    run.save_model({name: tensor * 1e30 for name, tensor in weights.items()}, "best.safetensors")
    try:
        code, _, err = groundup("generate", "rhyme", "--tokens", "5")
    finally:
        run.path("best.safetensors").write_bytes(kept)
    assert code == 2
    assert "scores are not finite" in err
    assert len(err.splitlines()) == 1


def test_a_draft_changes_nothing_but_the_time(groundup):
    def text(*more):
        return groundup("generate", "rhyme", "--tokens", "40", "--temperature", "0", *more)[1]

    assert text("--draft", "rhyme") == text()
    code, out, _ = groundup("generate", "rhyme", "--tokens", "12", "--draft", "rhyme", "--seed", "3", "--json")
    assert code == 0
    assert len(json.loads(out)["text"]) == 12


def test_a_draft_with_other_tokens_is_refused(groundup):
    code, out, err = groundup("generate", "rhyme", "--draft", "accents")
    assert (code, out) == (2, "")
    assert "not those of the model" in err
    assert err.count("\n") == 1
