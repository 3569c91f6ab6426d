"""``chat`` as a person meets it: turns that are remembered, words as they come, Ctrl-C, and clear refusals."""

import io
import json
import shutil
import signal
import subprocess
import sys

import pytest
import warm

from groundup.base.reporting import Reporter
from groundup.cli import main
from groundup.export.huggingface import find_origin
from groundup.runs.folder import Run
from groundup.tasks.chat.conversation import Conversation, open_chat
from groundup.tasks.launch import launch

TINY = ["layers=1", "heads=2", "width=32", "context=64", "precision=float32", "batch_size=8", "sample_tokens=0"]
ENDLESS = 200_000  # tokens of an answer that nobody waits for
INTRODUCTION = "Type a message and press Enter. Ctrl-C stops an answer, Ctrl-D ends.\n"


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Runs that answer, the text that they come from, and one whose answers never end."""
    root = tmp_path_factory.mktemp("chat")
    (root / "text.txt").write_text("one two three four five\n" * 60)
    # The second answer of a conversation is another than the first, whatever is said.
    said = [("user", "one"), ("assistant", "two three"), ("user", "one"), ("assistant", "five")]
    dialogue = {"messages": [{"role": role, "content": text} for role, text in said]}
    (root / "chat.jsonl").write_text(f"{json.dumps(dialogue)}\n" * 40)

    def train(task, name, data, *settings, **options):
        launch(task, root=root, name=name, data=str(root / data), pairs=settings, reporter=Reporter.silent(), **options)

    train("gpt", "text", "text.txt", *TINY, "steps=30")
    for name, steps in (("talk", 60), ("endless", 1)):
        settings = ["precision=float32", "batch_size=8", "learning_rate=0.02", f"steps={steps}"]
        train("chat", name, "chat.jsonl", *settings, origin=lambda: find_origin(root, "text"))
    endless = Run.open(root, "endless")
    endless.update_config(model={**endless.config["model"], "context": ENDLESS})
    launch("sums", root=root, name="sums", pairs=["steps=1", "digits=1"], reporter=Reporter.silent())
    return root


@pytest.fixture
def groundup(runs, capfd, monkeypatch):
    """Return a function that talks in this process: from arguments and what is typed to exit code and both streams."""
    monkeypatch.setattr("torch.set_num_threads", lambda count: None)

    def call(*arguments, typed=""):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(typed.encode()), encoding="utf-8"))
        code = main(["chat", *arguments, "--runs", str(runs)])
        sys.stdout.flush()
        return code, *capfd.readouterr()

    return call


def start(runs, *arguments, by=warm.start):
    command = [sys.executable, "-m", "groundup", "chat", *arguments, "--runs", str(runs)]
    streams = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    return by(command, **streams, text=True, cwd=runs)


def test_what_was_said_is_remembered_until_the_input_ends(runs):
    with start(runs, "talk", "--temperature", "0") as process:
        out, err = process.communicate("one\n\none\n", timeout=600)
    conversation = Conversation(*open_chat(Run.open(runs, "talk")))
    answers = ["".join(conversation.answer("one", tokens=300, temperature=0)) for _ in range(2)]
    assert answers[0] != answers[1], "these turns cannot show whether the first one is remembered"
    assert (process.returncode, out, err) == (0, f"{answers[0]}\n{answers[1]}\n\n", INTRODUCTION)


def test_words_come_as_they_are_generated_and_ctrl_c_stops_the_answer_alone(runs):
    words = ["endless", "--temperature", "0", "--tokens", str(ENDLESS)]
    with start(runs, *words, by=subprocess.Popen) as process:  # from nothing, as a person starts it
        try:
            process.stdin.write("one\n")
            process.stdin.flush()
            begun = process.stdout.read(20)
            assert len(begun) == 20
            process.send_signal(signal.SIGINT)
            out, err = process.communicate("Z\n", timeout=600)
        finally:
            process.kill()
    assert process.returncode == 0
    assert len(begun + out) < ENDLESS // 2, "it was there before the whole answer was"
    assert err.startswith(INTRODUCTION)
    assert 'never saw "Z"' in err.removeprefix(INTRODUCTION), "the conversation goes on"
    assert len(err.splitlines()) == 2


def test_what_no_longer_fits_is_forgotten_and_said_once(groundup):
    code, out, err = groundup("talk", "--temperature", "0", typed="one\n" * 6)
    assert code == 0
    assert len(out.splitlines()) == 7
    assert err.count("From now on it answers without the oldest messages") == 1
    assert "64 characters at once" in err


def test_one_message_gets_one_answer(groundup):
    code, out, err = groundup("talk", "--prompt", "one", "--seed", "3")
    assert (code, err) == (0, "")
    facts = json.loads(groundup("talk", "--prompt", "-", "--seed", "3", "--json", typed="one\n")[1])
    assert facts == {"run": "talk", "prompt": "one", "answer": out[:-1], "finished": facts["finished"], "seed": 3}
    assert 'never saw "Z"' in groundup("talk", "--prompt", "one", "--system", "Z")[2], "the model reads that, too"


def test_a_message_that_cannot_be_answered_is_named_and_the_next_one_is_answered(groundup):
    code, out, err = groundup("talk", "--temperature", "0", typed=f"ONE\n{'one ' * 40}\none\n")
    assert code == 0
    first, second = err.removeprefix(INTRODUCTION).splitlines()
    assert first.startswith("groundup: ")
    assert 'never saw "O" "N" "E"' in first
    assert "Write a shorter one" in second
    assert len(out.splitlines()) == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nobody"], 'No run called "nobody"'),
        (["text"], "was never trained to answer. Train it on dialogues first: groundup train chat --from text"),
        (["sums"], "is a run of sums, which answers no messages. Ask it with: groundup predict sums"),
        (["talk", "--json"], "Give the message with --prompt"),
        (["talk", "--prompt", "ONE"], 'never saw "O" "N" "E"'),
        (["talk", "--prompt", "one", "--tokens", "0"], "--tokens 0: must be at least 1"),
        (["talk", "--prompt", "one", "--temperature", "-1"], "--temperature -1.0"),
    ],
)
def test_wrong_usage_is_one_line(groundup, arguments, message):
    code, out, err = groundup(*arguments)
    assert (code, len(err.splitlines())) == (2, 1)
    assert message in err
    assert out == "" or json.loads(out)["error"] in err


def test_a_run_whose_weights_are_gone_says_so(groundup, runs):
    shutil.copytree(runs / "talk", runs / "gone")
    for path in (runs / "gone").glob("*.safetensors"):
        path.unlink()
    code, out, err = groundup("gone")
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert "gone" in err
