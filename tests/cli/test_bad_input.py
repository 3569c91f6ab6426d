"""Bad input to every command: one clear line, exit code 2, nothing lost, no traceback."""

import json
import shutil

import pytest

from groundup.cli import main

TINY_GPT = "steps=3 layers=1 heads=2 width=16 context=8 batch_size=2 sample_tokens=0 precision=float32"


def settings(text):
    return [word for pair in text.split() for word in ("--set", pair)]


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Train a tiny run of each kind once."""
    folder = tmp_path_factory.mktemp("runs")
    text = folder / "text.txt"
    text.write_text("she sells sea shells by the sea shore. " * 40)
    rows = "".join(f"{word} day,{label}\n" for word, label in [("good", 1), ("bad", 0)] * 20)
    (folder / "labelled.csv").write_text("text,label\n" + rows)
    root = ["--runs", str(folder)]
    assert main(["train", "gpt", "--data", str(text), *root, *settings(TINY_GPT)]) == 0
    assert main(["train", "sentiment", "--data", str(folder / "labelled.csv"), *root, *settings("epochs=1")]) == 0
    return folder


@pytest.fixture
def files(tmp_path):
    (tmp_path / "empty.txt").write_text("")
    (tmp_path / "short.txt").write_text("too short")
    (tmp_path / "binary.bin").write_bytes(bytes(range(256)) * 20)
    (tmp_path / "latin.txt").write_bytes("Grüße an alle ".encode("latin-1") * 200)
    (tmp_path / "one_class.csv").write_text("text,label\ngood,1\nfine,1\nnice,1\n")
    (tmp_path / "columns.csv").write_text("a,b,c\n1,2,3\n")
    (tmp_path / "ragged.csv").write_text("height,age\n170,10\ntall,11\n")
    (tmp_path / "no_pictures").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("train gpt --data {files}/empty.txt", "empty"),
        ("train gpt --data {files}/short.txt", "context"),
        ("train gpt --data {files}/binary.bin", "binary.bin"),
        ("train gpt --data {files}/latin.txt", "UTF-8"),
        ("train gpt --data {files}/none.txt", "none.txt"),
        ("train gpt --data {runs}/text.txt --set preset=classic --set heads=3", "heads"),
        ("train gpt --data {runs}/text.txt --set preset=antique", "preset"),
        ("train gpt --set steps=many", "steps"),
        ("train gpt --set step=3", "steps"),
        ("train gpt --with wheel=x.py", "no part wheel"),
        ("train gpt --data {runs}/text.txt --resume --run gpt --set layers=5", "layers"),
        ("train sentiment --data {files}/one_class.csv", "one_class.csv"),
        ("train sentiment --data {files}/columns.csv", "columns.csv"),
        ("train heights --data {files}/ragged.csv --target height", "row"),
        ("train heights --data {files}/columns.csv --target height", "height"),
        ("train digits --data {files}/no_pictures", "no_pictures"),
        ("train digits --run a/b", "a/b"),
        ("train flowers", "flowers"),
        ("generate gpt --runs {runs} --prompt ÄÖÜ", "never saw"),
        ("generate gpt --runs {runs} --tokens 0", "--tokens 0"),
        ("generate gpt --runs {runs} --temperature -1", "--temperature"),
        ("generate sentiment --runs {runs}", "sentiment"),
        ("neighbours gpt good --runs {runs}", "gpt"),
        ("neighbours sentiment marmalade --runs {runs}", "marmalade"),
        ("predict nothing x --runs {runs}", 'No run called "nothing"'),
        ("evaluate gpt --data {files}/latin.txt --runs {runs}", "UTF-8"),
        ("attention gpt --text ÄÖÜ --runs {runs}", "never saw"),
        ("export sentiment --to huggingface --runs {runs}", "sentiment"),
        ("show nothing --runs {runs}", 'No run called "nothing"'),
        ("descend x+*2 --start x=1", "x+*2"),
        ("descend x**2 --start y=1", "x"),
        ("check {files}/short.txt.py", "no such file"),
        ("learn start juggling", "juggling"),
        ("grade {files}/nowhere", "nowhere"),
    ],
)
def test_one_line_and_code_2(command, message, runs, files, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    before = sorted(path.name for path in runs.iterdir())
    arguments = [word.format(runs=runs, files=files) for word in command.split()]
    if "--resume" in arguments:
        arguments += ["--runs", str(runs)]
    assert main([*arguments, "--json"]) == 2
    captured = capsys.readouterr()
    lines = [line for line in captured.err.strip().splitlines() if line.startswith("groundup: ")]
    assert len(lines) == 1, captured.err
    assert message in lines[0]
    assert "Traceback" not in captured.err
    assert message in json.loads(captured.out)["error"]
    assert sorted(path.name for path in runs.iterdir()) == before
    assert not (tmp_path / "runs").exists() or not any((tmp_path / "runs").iterdir())


@pytest.mark.parametrize(
    ("name", "damage", "message"),
    [
        ("config.json", b"{not json", "config.json"),
        ("config.json", b'{"task": "gpt"}', "config.json"),
        ("config.json", None, "config.json"),
        ("model.safetensors", b"\x00" * 10, "model.safetensors"),
        ("tokenizer.json", b"{}", "tokenizer.json"),
        ("tokenizer.json", None, "tokenizer.json"),
    ],
)
def test_a_damaged_run_is_told(name, damage, message, runs, tmp_path, capsys):
    shutil.copytree(runs / "gpt", tmp_path / "gpt")
    for weights in tmp_path.glob("gpt/best.safetensors"):
        weights.unlink()
    path = tmp_path / "gpt" / name
    path.unlink() if damage is None else path.write_bytes(damage)
    assert main(["generate", "gpt", "--runs", str(tmp_path)]) == 2
    captured = capsys.readouterr()
    assert len(captured.err.strip().splitlines()) == 1
    assert "Traceback" not in captured.err


def test_a_tokenizer_of_another_run_is_refused(runs, tmp_path, capsys):
    shutil.copytree(runs / "gpt", tmp_path / "gpt")
    text = tmp_path / "other.txt"
    text.write_text("quick brown foxes jump over lazy dogs and 0123456789 more. " * 30)
    assert (
        main(["train", "gpt", "--data", str(text), "--run", "other", "--runs", str(tmp_path), *settings(TINY_GPT)]) == 0
    )
    shutil.copy(tmp_path / "other" / "tokenizer.json", tmp_path / "gpt" / "tokenizer.json")
    capsys.readouterr()
    assert main(["generate", "gpt", "--runs", str(tmp_path)]) == 2
    assert "of another run" in capsys.readouterr().err
