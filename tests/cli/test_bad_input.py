"""Bad input to every command, in one table: one line that says what, where and what to do; code 2; nothing lost."""

import io
import json
import resource
import shlex
import shutil
import struct
import subprocess
import sys

import pytest

from groundup.cli import main

TINY_GPT = "steps=3 layers=1 heads=2 width=16 context=8 batch_size=2 sample_tokens=0 precision=float32"
TABLE = "age,height\n" + "".join(f"{row % 7 + 1},{row % 7 * 2 + row % 3}\n" for row in range(20))
PICTURES = struct.pack(">IIII", 2051, 4, 28, 28) + bytes(4 * 784)
LABELS = struct.pack(">II", 2049, 4) + bytes([0, 1, 2, 3])
KINDS_WITH_RUNS = {
    "train",
    "predict",
    "evaluate",
    "generate",
    "neighbours",
    "attention",
    "look",
    "export",
    "import",
    "show",
}


def settings(text):
    return [word for pair in text.split() for word in ("--set", pair)]


@pytest.fixture(scope="module", autouse=True)
def _threads():
    """Some commands choose the threads of their process, which these tests share."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("torch.set_num_threads", lambda count: None)
        yield


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    sentences = "".join(f"{word} day,{label}\n" for word, label in [("good", 1), ("bad", 0)] * 20)
    contents = {
        "text.txt": "she sells sea shells by the sea shore. " * 40,
        "empty.txt": "",
        "spaces.txt": " \n\n",
        "short.txt": "too short",
        "binary.bin": bytes(range(256)) * 20,
        "latin.txt": "line\nGrüße".encode("latin-1") * 100,
        "torn.jsonl": '{"text": "fine"}\n{"text": \n',
        "field.jsonl": '{"body": 3}\n',
        "fields.jsonl": '{"title": "fine", "body": "fine"}\n',
        "labelled.csv": "text,label\n" + sentences,
        "one_class.csv": "text,label\ngood,1\nfine,1\n",
        "header.csv": "text,label\n",
        "unlabelled.csv": "text,label\ngood,1\nso so,maybe\n",
        "latin.csv": "text,label\ngut,1\nGrüße,0\n".encode("latin-1"),
        "columns.csv": "a,b,c\n1,2,3\n",
        "table.csv": TABLE,
        "words.csv": TABLE + "3,tall\n",
        "infinite.csv": TABLE + "3,inf\n",
        "holes.csv": "age,height\n,1\n,2\n,3\n",
        "constant.csv": "age,height\n" + "5,1\n5,2\n" * 9,
        "one_row.csv": "age,height\n1,2\n",
        "ragged.csv": TABLE + "3\n",
        "numbered.csv": "row,height\n" + "".join(f"{row},{row % 3}\n" for row in range(20)),
        "broken.png": b"\x89PNG nonsense",
        "no_pictures/readme.md": "none",
        "cut/train-images-idx3-ubyte": PICTURES[:-5],
        "cut/train-labels-idx1-ubyte": LABELS,
        "counts/train-images-idx3-ubyte": PICTURES,
        "counts/train-labels-idx1-ubyte": struct.pack(">II", 2049, 3) + bytes([0, 1, 2]),
        "magic/train-images-idx3-ubyte": b"\0\0\0\1" + PICTURES[4:],
        "magic/train-labels-idx1-ubyte": LABELS,
        "same/train-images-idx3-ubyte": PICTURES,
        "same/train-labels-idx1-ubyte": struct.pack(">II", 2049, 4) + bytes(4),
    }
    for name, content in contents.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


@pytest.fixture(scope="module")
def runs(tmp_path_factory, files):
    """Train a tiny run of each kind once."""
    folder = tmp_path_factory.mktemp("runs")
    for task, *more in [
        ("gpt", "--data", files / "text.txt", *settings(TINY_GPT)),
        ("sentiment", "--data", files / "labelled.csv", *settings("epochs=1 least_steps=2")),
        ("heights", "--data", files / "table.csv", "--target", "height"),
        ("digits", *settings("epochs=1 hidden=4")),
    ]:
        assert main(["train", task, *map(str, more), "--runs", str(folder)]) == 0
    return folder


def refused(arguments, capsys):
    """Run a command that must be refused; return its one line."""
    assert main([*arguments, "--json"]) == 2
    captured = capsys.readouterr()
    assert len(captured.err.strip().splitlines()) == 1, captured.err
    line = captured.err.strip().removeprefix("groundup: ")
    assert json.loads(captured.out) == {"error": line}
    return line


@pytest.mark.parametrize(
    ("command", "told"),
    [
        # The command line itself.
        ("frobnicate", ["No such command", "--help"]),
        ("train", ["Name a task: regression"]),
        ("train flowers", ['"flowers"', "regression, classification, digits, sentiment, gpt"]),
        ("train digit", ['Did you mean "digits"?']),
        ("train digits --frob", ["--frob", "groundup train --help"]),
        ("train digits --set epochs", ["--set epochs", "KEY=VALUE"]),
        ("train digits --set epoch=3", ["--set epoch", 'Did you mean "epochs"?']),
        ("train digits --set epochs=many", ["--set epochs=many", "a whole number"]),
        ("train digits --set epochs=0", ["--set epochs=0", "at least 1"]),
        ("train digits --set dropout=nan", ["--set dropout=nan", "a finite number"]),
        ("train digits --seed -1", ['--seed "-1": expected a number from 0 to 4,294,967,295.']),
        ("train digits --seed 99999999999999999999999", ["--seed", "expected a number from 0 to 4,294,967,295"]),
        ("train digits --minutes 0", ["--minutes 0", "above 0"]),
        ("train digits --minutes 1e308", ["--minutes 1e+308", "below 1,000,000"]),
        ("learn exam --minutes nan", ["--minutes nan", "above 0"]),
        ("train digits --minutes 0s", ["--minutes 0", "above 0"]),
        ("train digits --minutes 5mons", ['--minutes "5mons"', "such as 90s, 5min or 1h"]),
        ("tour --minutes 6s", ["--minutes 0.1", "at least 1 minute"]),
        ("train digits --seed x", ['--seed "x": expected a whole number.', "groundup train --help"]),
        ("train gpt --patience 0", ['--patience "0": expected a number of 1 or more.']),
        ("generate text --temperature hot", ['--temperature "hot": expected a number.']),
        ("tour --minutes inf", ["--minutes inf", "at most 10,000"]),
        ("train digits --run a/b", ['--run "a/b"', "use letters"]),
        ("train digits --run digits", ["digits", "exists already", "--resume"]),
        ("train gpt --target height", ["--target", "Leave them out"]),
        ("train gpt --with wheel=x.py", ["--with wheel=x.py", "It has: linear"]),
        ("train --resume", ["Name the task", "--run NAME --resume"]),
        ("train --run nobody --resume", ['No run called "nobody"', "Runs there: digits, gpt"]),
        ("train gpt --run digits --resume", ["is a run of digits, not of gpt", "another --run"]),
        ("train gpt --run gpt --resume --set layers=5", ["started with layers=1", "Leave --set layers out"]),
        ("train gpt --run gpt --resume --set context=64", ["started with context=8", "Leave --set context out"]),
        ("train gpt --run gpt --resume --seed 7", ["started with --seed 0", "Leave --seed out"]),
        # Text.
        ("train gpt --data none.txt", ['"none.txt"', "Built in are shakespeare"]),
        ("train gpt --data empty.txt", ["empty.txt", "is empty", "Give a file or folder"]),
        ("train gpt --data spaces.txt", ["spaces.txt", "is empty", "Give a file or folder"]),
        ("train gpt --data short.txt", ["short.txt", "8 tokens, fewer than the 65", "--set context=3"]),
        ("train gpt --data text.txt --set context=100000", ["text.txt", "fewer than the 100001", "smaller context"]),
        ("train gpt --data binary.bin", ["binary.bin", "a binary file", "convert it to UTF-8"]),
        ("train gpt --data latin.txt", ["latin.txt, line 2: byte 7 (0xfc)", "Save the file as UTF-8"]),
        ("train gpt --data torn.jsonl", ["torn.jsonl, line 2", "not valid JSON", "Correct or remove"]),
        ("train gpt --data field.jsonl", ["field.jsonl, line 1", 'no text in the field "text"', "Add it"]),
        ("train gpt --data fields.jsonl", ["fields.jsonl: several columns", "title, body", "--set text_column=NAME"]),
        ("train gpt --data text.txt --set preset=antique", ["--set preset=antique", "modern, classic, plain"]),
        ("train gpt --data text.txt --set preset=classic --set heads=3", ["heads=3", "Choose a width"]),
        ("evaluate gpt --data latin.txt", ["latin.txt, line 2: byte 7 (0xfc)", "Save the file as UTF-8"]),
        ("evaluate gpt --data none.txt", ['"none.txt"', "Built in are shakespeare"]),
        ("generate gpt --prompt ÄÖ", ['never saw "Ä" "Ö"', "Leave them out", "train gpt --set tokenizer=bytepair"]),
        ("predict gpt ÄÖ", ['never saw "Ä" "Ö"', "Leave them out"]),
        ("attention gpt --text ÄÖ", ['never saw "Ä" "Ö"', "Leave them out"]),
        ("attention gpt --text ''", ["nothing to look at", "Give some text"]),
        ("attention gpt --text she --out none/x.png", ["none/x.png", "cannot be written", "Choose a folder"]),
        ("look gpt --text ÄÖ", ['never saw "Ä" "Ö"', "Leave them out"]),
        ("look gpt --text ''", ["nothing to look at", "Give some text"]),
        ("look gpt --text she --on none.txt", ["none.txt", "Built in are shakespeare"]),
        ("look gpt --text she --tokens 1", ["--tokens", "expected a number from 2 to 100,000,000"]),
        ("look digits --text she", ["is a run of digits, not of gpt", "Train one"]),
        ("generate gpt --tokens 0", ["--tokens 0", "at least 1"]),
        ("generate gpt --temperature nan", ["--temperature nan", "must be 0"]),
        ("generate gpt --seed 99999999999999999999999", ["--seed", "expected a number from 0 to 4,294,967,295"]),
        ("generate sentiment", ["is a run of sentiment, not of gpt", "Train one"]),
        ("attention digits --text she", ["is a run of digits, not of gpt", "Train one"]),
        ("export sentiment", ["is a run of sentiment", "--to huggingface takes runs of gpt", "Try --to onnx"]),
        ("export digits --to gguf", ["is a run of digits", "--to gguf takes runs of gpt", "Try --to onnx"]),
        ("export gpt --to pickle", ["--to pickle", "There are huggingface, gguf, onnx"]),
        ("export gpt --to onnx --dtype f16", ["--dtype f16", "--to onnx stores numbers as f32"]),
        ("export gpt --dtype q8_0", ["--dtype q8_0", "as f32 or f16 or bf16"]),
        ("export gpt --to gguf --out text.txt", ["text.txt", "exists already", "replace it with --force"]),
        ("export gpt --to gguf --out no_pictures --force", ["no_pictures", "a file is to be written", "with --out"]),
        ("export gpt --out text.txt --force", ["text.txt", "a folder is to be written", "another --out"]),
        ("export gpt --out no_pictures --force", ["no_pictures", "holds more than an export", "another --out"]),
        ("export gpt --out text.txt/none", ["text.txt/none", "cannot be written", "Choose a folder"]),
        ("export heights --to onnx --out text.txt/none.onnx", ["text.txt", "cannot be written", "Choose a folder"]),
        ("export nobody", ['No run called "nobody"', "Runs there: digits, gpt"]),
        ("import none", ["none", "no such folder", "Give the folder of a checkpoint"]),
        # Labelled sentences.
        ("train sentiment --data none.csv", ["none.csv", "no such file", "Give labelled texts"]),
        ("train sentiment --data empty.txt", ["empty.txt", "is empty", "labelled texts, one a line"]),
        ("train sentiment --data header.csv", ["header.csv", "no rows", "labelled texts, one a line"]),
        ("train sentiment --data one_class.csv", ["one_class.csv", "all 2 texts are labelled positive", "Add texts"]),
        ("train sentiment --data columns.csv", ["columns.csv, row 1", "3 columns", "name the columns"]),
        ("train sentiment --data labelled.csv --set text_column=review", ['no column "review"', "are text, label"]),
        ("train sentiment --data unlabelled.csv", ["unlabelled.csv, row 3", '"maybe"', "Write 1 or positive"]),
        ("train sentiment --data latin.csv", ["latin.csv, line 3", "byte 19 (0xfc)", "Save the file as UTF-8"]),
        ("train sentiment --data binary.bin", ["binary.bin", "a binary file", "Give labelled texts"]),
        ("train sentiment --data no_pictures", ["no_pictures", "no train file", "holds train and test"]),
        ("evaluate sentiment --data columns.csv", ["columns.csv, row 1", "3 columns", "name the columns"]),
        ("neighbours gpt good", ["is a run of gpt, not of sentiment", "Choose another run"]),
        ("neighbours sentiment marmalade", ['"marmalade" does not occur', "Try a more common word"]),
        ("neighbours sentiment good --count 0", ["--count", "groundup neighbours --help"]),
        # Tables.
        ("train heights --data none.csv", ["none.csv", "no such file", "Give a table"]),
        ("train heights --data empty.txt", ["empty.txt", "is empty", "a header and rows"]),
        ("train heights --data header.csv", ["header.csv", "no rows", "needs rows"]),
        ("train heights --data words.csv", ['words.csv, row 22, column "height": "tall"', "Correct it"]),
        ("train heights --data infinite.csv", ['row 22, column "height": "inf"', "Correct it"]),
        ("train heights --data holes.csv", ["Left out age: it has no value in any row", "Name some"]),
        ("train heights --data constant.csv", ["constant.csv", "age: it is the same in every row"]),
        ("train heights --data one_row.csv", ["one_row.csv", "only one usable row", "give more rows"]),
        ("train heights --data ragged.csv", ["ragged.csv, row 22", "1 cell, expected 2", "Correct it"]),
        ("train heights --data numbered.csv", ["numbered.csv", "row: it only numbers", "Name some with --features"]),
        ("train heights --data table.csv --target weight", ['no column "weight"', 'Did you mean "height"?']),
        ("train heights --data binary.bin", ["binary.bin", "a binary file", "Give a table"]),
        ("train heights --data latin.csv", ["latin.csv", "not UTF-8", "Save the file as UTF-8"]),
        ("predict heights age=old", ['column "age"', '"old" is not a finite number', "Correct it"]),
        ("predict heights shoe=4", ['no column "shoe"', "The columns are age"]),
        ("predict heights age=5,age=6", ['"age" is given twice', "Write age="]),
        ("evaluate heights --data columns.csv", ["columns.csv", 'no column "height"', "The columns are a, b, c"]),
        # Pictures.
        ("train digits --data none", ["none", "no such file or folder", "Give a path"]),
        ("train digits --data no_pictures", ["no_pictures", "no idx files and no pictures", "LABEL/PICTURE.png"]),
        ("train digits --data text.txt", ["text.txt", "not a file of pictures", "Give one, or a folder"]),
        ("train digits --data cut", ["cut/train-images", "promises 3152 bytes, 3147", "Copy it again"]),
        ("train digits --data counts", ["4 pictures", "3 labels", "Copy both again"]),
        ("train digits --data magic", ["magic/train-images", "magic number is 1, expected 2051", "Copy it again"]),
        ("train digits --data same", ["same/train-labels", "every label is 0", "two classes or more"]),
        ("predict digits none.png", ["none.png", "no such file", "Give a picture's path"]),
        ("predict digits broken.png", ["broken.png", "not a picture", "Save it as PNG"]),
        ("predict digits builtin:9999", ["builtin:9999", "N from 0 to 1796"]),
        # Runs.
        ("predict nobody x", ['No run called "nobody"', "Runs there: digits, gpt"]),
        ("evaluate gpt --out text.txt/none", ["text.txt/none", "cannot be written", "Choose a folder"]),
        ("show nobody", ['No run called "nobody"', "Runs there: digits, gpt"]),
        # Formulas.
        ("descend x+*2 --start x=1", ['"x+*2" is no formula at character 3', "Write products"]),
        ("descend 'import os' --start x=1", ["is no formula at character 1", "Write products"]),
        ("descend x.__class__ --start x=1", ["is not allowed in an expression", "use numbers"]),
        ("descend 5 --start x=1", ["no variable", "Write one such as"]),
        ("descend x**2 --start y=1", ['the expression has no "y"', "it has x"]),
        ("descend x**2 --start x=a", ['"a" for x is not a number']),
        ("descend log(x) --start x=-1", ["no finite value", "Start somewhere else"]),
        ("descend x**2 --start x=1 --method newton", ["--method newton", "plain, momentum, adam"]),
        ("descend x**2 --start x=1 --learning-rate nan", ["learning rate nan", "above 0"]),
        # Exercises.
        ("check none.py", ["none.py", "no such file"]),
        ("learn start juggling", ["juggling", "`groundup learn` lists them"]),
        ("grade nowhere", ["nowhere", "no such folder"]),
    ],
)
def test_one_line_and_code_2(command, told, runs, files, monkeypatch, capsys):
    monkeypatch.chdir(files)
    before = list_made(runs), list_made(files)
    arguments = shlex.split(command)
    if arguments[0] in KINDS_WITH_RUNS:
        arguments += ["--runs", str(runs)]
    line = refused(arguments, capsys)
    for part in told:
        assert part in line
    assert (list_made(runs), list_made(files)) == before


def list_made(folder):
    """List what a command may leave behind; ``evaluate`` makes its folder for pictures first."""
    return sorted(path for path in folder.rglob("*") if path.name not in ("lock", "evaluation"))


@pytest.mark.parametrize(
    ("command", "typed", "told"),
    [
        ("train gpt --data -", b"", ["standard input", "is empty", "Give a file or folder"]),
        ("train gpt --data -", b"a\nb\xff", ["standard input, line 2: byte 3 (0xff)", "UTF-8"]),
        ("generate gpt --prompt -", b"she \xff", ["standard input, line 1: byte 4 (0xff)", "UTF-8"]),
        ("generate gpt --prompt -", b"she \0", ["standard input", "a binary file"]),
    ],
)
def test_standard_input(command, typed, told, runs, monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(typed), encoding="utf-8"))
    line = refused([*command.split(), "--runs", str(runs)], capsys)
    for part in told:
        assert part in line


def half(content):
    return content[: len(content) // 2]


USE = {"gpt": "generate gpt", "sentiment": "predict sentiment good", "digits": "predict digits builtin:1"}
USE["heights"] = "predict heights age=5"
DAMAGES = [
    ("config.json", lambda content: b"{not json", "config.json: damaged", "Train again"),
    ("config.json", lambda content: b"\xff\xfe", "config.json: damaged", "Train again"),
    ("config.json", lambda content: b"[]", "config.json: damaged, it names no task", "Train again"),
    ("config.json", lambda content: content.replace(b'"format": 1', b'"format": 9'), "in format 9", "Train again"),
    ("config.json", None, "config.json is missing", "Train again"),
    ("model.safetensors", half, "model.safetensors: damaged", "Train the run again"),
    ("model.safetensors", lambda content: b"", "model.safetensors: damaged", "Train the run again"),
    ("model.safetensors", None, "model.safetensors is missing", "--resume"),
]


@pytest.mark.parametrize("kind", USE)
@pytest.mark.parametrize(("name", "damage", "what", "remedy"), DAMAGES)
def test_a_damaged_run_is_told(kind, name, damage, what, remedy, runs, tmp_path, capsys):
    shutil.copytree(runs / kind, tmp_path / kind, ignore=shutil.ignore_patterns("best.safetensors"))
    path = tmp_path / kind / name
    content = path.read_bytes()
    path.unlink()
    if damage is not None:
        path.write_bytes(damage(content))
    line = refused([*USE[kind].split(), "--runs", str(tmp_path)], capsys)
    assert line.startswith(str(tmp_path / kind))
    assert what in line
    assert remedy in line


@pytest.mark.parametrize(
    ("command", "name", "content", "told"),
    [
        ("generate gpt", "tokenizer.json", None, ["tokenizer.json", "no such file", "Train the run again"]),
        ("generate gpt", "tokenizer.json", b"{}", ["tokenizer.json", "not a tokenizer", "Train the run again"]),
        ("generate gpt", "tokenizer.json", "other", ["tokenizer.json", "of another run", "Put the right one back"]),
        ("predict sentiment x", "tokenizer.json", None, ["tokenizer.json", "missing", "Put the run's own file back"]),
        ("predict sentiment x", "tokenizer.json", b"{}", ["tokenizer.json", "damaged", "Put the run's own file back"]),
        ("predict sentiment x", "tokenizer.json", "other", ["tokenizer.json", "Put the run's own file back"]),
        ("train --run gpt --resume", "state.safetensors", b"half", ["state.safetensors: damaged", "Train the run"]),
        ("train --run sentiment --resume", "config.json", b'{"format": 1, "task": "sentiment"}', ["config.json"]),
        ("evaluate sentiment", "config.json", b'{"format": 1, "task": "sentiment"}', ["config.json", "Train again"]),
        ("evaluate gpt", "config.json", b'{"format": 1, "task": "gpt"}', ["training has not begun", "--resume"]),
        ("export --to gguf gpt", "config.json", b'{"format": 1, "task": "gpt"}', ["has not begun", "--resume"]),
        ("export --to onnx sentiment", "model.safetensors", None, ["no trained weights yet", "--resume"]),
        ("export --to onnx heights", "model.safetensors", b"half", ["model.safetensors: damaged", "Train the run"]),
        ("evaluate digits", "config.json", b'{"format": 1, "task": "digits"}', ["nothing trained", "--resume"]),
        ("show heights", "config.json", b'{"format": 1, "task": "heights"}', ["nothing trained", "--resume"]),
        ("show gpt", "config.json", b'{"format": 1, "task": "flowers"}', ['"flowers"', "The tasks are regression"]),
        ("show gpt", "metrics.jsonl", b"{torn\n{}\n", ["metrics.jsonl, line 1: damaged", "Delete that line"]),
    ],
)
def test_one_damaged_file_is_told(command, name, content, told, runs, tmp_path, capsys):
    for run in ("gpt", "sentiment", "digits", "heights"):
        shutil.copytree(runs / run, tmp_path / run)
    kind = next(word for word in command.split() if word in USE)
    path = tmp_path / kind / name
    if content == "other":
        content = (tmp_path / ("gpt" if kind == "sentiment" else "sentiment") / name).read_bytes()
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    line = refused([*command.split(), "--runs", str(tmp_path)], capsys)
    for part in told:
        assert part in line


def test_a_run_in_use_by_another_process(runs, tmp_path, capsys):
    shutil.copytree(runs / "gpt", tmp_path / "gpt")
    script = "import filelock, sys; lock = filelock.FileLock(sys.argv[1]); lock.acquire()"
    script += "; print(flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", script, str(tmp_path / "gpt" / "lock")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        other.stdout.readline()
        line = refused(["train", "--run", "gpt", "--resume", "--runs", str(tmp_path)], capsys)
        other.stdin.close()
    assert "another process is training this run" in line
    assert "choose another --run" in line
    assert main(["train", "--run", "gpt", "--resume", "--runs", str(tmp_path)]) == 0


def test_a_full_disk_while_training(files, tmp_path):
    """No file may grow beyond the limit, which is what a full disk does to the weights."""
    limit = 8_000
    arguments = ["train", "gpt", "--data", files / "text.txt", "--runs", tmp_path, *settings(TINY_GPT), "--json"]
    result = subprocess.run(
        # -B: Python would cut the files of compiled modules short, too, and keep them.
        [sys.executable, "-B", "-m", "groundup", *map(str, arguments)],
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    assert result.returncode == 2, result.stderr
    (line,) = [line for line in result.stderr.splitlines() if line.startswith("groundup: ")]
    assert result.stderr.strip().endswith(line)
    assert "the disk is full" in line
    assert str(tmp_path / "gpt") in line
    assert "Free some space and continue with --resume" in line
    assert json.loads(result.stdout)["error"] == line.removeprefix("groundup: ")
    assert not list(tmp_path.rglob("*tmp*"))


@pytest.mark.parametrize("to", ["huggingface", "gguf"])
def test_a_full_disk_while_exporting(to, runs, tmp_path):
    arguments = ["export", "gpt", "--to", to, "--out", tmp_path / "out", "--runs", runs]
    result = subprocess.run(
        # -B: Python would cut the files of compiled modules short, too, and keep them.
        [sys.executable, "-B", "-m", "groundup", *map(str, arguments)],
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (2_500, 2_500)),
    )
    assert result.returncode == 2, result.stderr
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"groundup: {tmp_path / 'out'}")
    assert "the disk is full. Free some space and export again" in line
    assert not list(tmp_path.iterdir())


def test_a_prompt_longer_than_the_context_is_said_in_one_line(runs, capfdbinary):
    command = ["generate", "gpt", "--prompt", "she sells sea shells", "--tokens", "3", "--runs", str(runs)]
    assert main(command) == 0
    noted = capfdbinary.readouterr().err.decode().splitlines()
    assert noted == ["The prompt has 20 tokens; this model can see 8, so it sees the last ones."]
