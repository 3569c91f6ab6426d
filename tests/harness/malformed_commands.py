"""What a person types, malformed at random: options, settings, names, expressions, answers, catalogues, places."""

import dataclasses
import json
import os
import shutil

from malformed import (
    LONG,
    NUMBERS,
    ODD,
    TINY,
    change_json,
    encode,
    place_file,
    try_idx,
    try_picture,
    try_sentences,
    try_table,
    try_text,
)

from groundup.tasks.registry import TASKS, find_task

# A word in braces is replaced by something odd now and then.
COMMANDS = [
    "generate gpt --tokens {3} --temperature {0.5} --top-k {3} --top-p {0.9} --seed {1} --prompt {she}",
    "generate {gpt} --tokens 3",
    "predict {heights} {age=5,sex=m}",
    "predict heights {age}={5},{sex}={m}",
    "predict {digits} {builtin:1}",
    "predict {sentiment} {good}",
    "predict {gpt} {she}",
    "evaluate {heights} --data {table.csv} --out {seen}",
    "evaluate {digits} --out {seen}",
    "evaluate {sentiment} --data {labelled.csv}",
    "evaluate {gpt} --data {text.txt}",
    "neighbours {sentiment} {good} --count {3}",
    "attention {gpt} --text {she} --out {seen.png}",
    "export {heights} --to {onnx} --out {seen} --dtype {f32}",
    "export {gpt} --to {gguf} --out {seen} --dtype {f16} --force",
    "import {text} --run {new}",
    "runs --runs {runs}",
    "show {heights} --log {tensorboard} --runs {runs}",
    "train {heights} --data {table.csv} --run {new} --target {height} --features {age} --seed {1} --runs {runs}",
    "train heights --data table.csv --run new --minutes {x} --log {x} --processes {x} --with {linear=x.py}",
    "train --run {heights} --resume",
    "descend {x**2} --start {x=2} --learning-rate {0.1} --steps {5} --method {momentum} --momentum {0.5} --no-picture",
    "descend {x**2} --start {2} --steps 5 --out {seen.png}",
    "descend {x**2+y**2} --start {x}={2},{y}={3} --steps 5 --no-picture",
    "check {vocabulary} --seed {x} --answers {answers}",
    "check {text.txt} --exercise {x}",
    "grade {text.txt} --exercise {x} --workers {x}",
    "learn --answers {answers}",
    "learn start {vocabulary} --answers {answers}",
    "learn exam --answers answers --minutes {x} --run {new} --data {text.txt}",
    "hint {vocabulary} --stage {1}",
    "solution {vocabulary}",
    "data list --task {gpt}",
    "data show {mnist}",
    "data path {mnist}",
    "data remove {mnist}",
    "data get {x} --from {text.txt} --timeout {1}",
    "lab --no-open --port {x}",
    "{runs}",
    "{x} {y}",
]
PLACES = [
    "/proc", ".", "..", "none/at/all.png", "text.txt/x.png", "runs", "runs/gpt", "", LONG, "/proc/version",
    "/proc/x.png", "loop", "a\nb.png", "-x.png", "\ud800.png", "\udce9", "a\0b", "~", "[/red].png", "x" * 5000,
    "a/" * 3000, "seen.txt", "pipe",
]  # fmt: skip


def is_safe(words):
    """Tell whether a command that is not malformed after all would neither work for long nor wait."""
    if words[0] == "lab":
        return not words[-1].strip().lstrip("-+").replace("_", "").isdigit()
    if words[0] == "tour" or (words[:2] == ["learn", "exam"]) or "-i" in words or "--interactive" in words:
        return False
    if "--processes" in words:
        return not words[words.index("--processes") + 1].strip().isdigit()
    return True


def try_options(folder, draw):
    pattern = draw.choice(COMMANDS)
    holes = pattern.count("{")
    odd = set(draw.sample(range(holes), draw.choice([1, 1, min(2, holes)])))
    words, number = [], 0
    for word in pattern.split():
        pieces = word.split("{")
        made = pieces[0]
        for piece in pieces[1:]:
            inside, _, after = piece.partition("}")
            made += (draw.choice(ODD + PLACES) if number in odd else inside) + after
            number += 1
        words.append(made)
    if draw.random() < 0.1:
        words.insert(draw.randrange(1, len(words) + 1), draw.choice(ODD))
    return words if is_safe(words) else ["show", draw.choice(ODD)]


TINY_SUMS = [word for pair in ("layers=1", "heads=2", "width=16", "batch_size=4") for word in ("--set", pair)]


def try_setting(folder, draw):
    task = draw.choice(list(TASKS))
    names = [one.name for one in dataclasses.fields(find_task(task).settings_type)]
    words = ["train", task, "--run", "new"]
    words += {
        "regression": ["--data", "table.csv"],
        "classification": ["--data", "table.csv"],
        "digits": ["--set", "epochs=1", "--set", "hidden=4", "--data", "pictures"],
        "sentiment": ["--data", "labelled.csv", "--set", "epochs=1", "--set", "least_steps=2"],
        "gpt": ["--data", "text.txt", *TINY],
        "sums": [*TINY_SUMS, "--set", "steps=1", "--set", "test_questions=5"],
    }.get(task, [])  # the others need --from, and say so
    name = draw.choice(names) if draw.random() < 0.9 else draw.choice(ODD)
    pair = f"{name}={draw.choice(draw.choice([ODD, NUMBERS, NUMBERS]))}"
    return [*words, "--set", pair if draw.random() < 0.95 else draw.choice(ODD)]


# Expressions

LEAVES = ["x", "y", "1", "2.5", "pi", "e", "1e308", "1e-320", "10**30", "0", "-0", "z", "x1", "nan", "inf", "1j", "x.y"]
FUNCTIONS = ["sin", "cos", "exp", "log", "sqrt", "abs", "tanh", "max", "eval", "__import__", "f", "Symbol", "relu"]


def make_expression(draw, depth=4):
    if depth == 0 or draw.random() < 0.15:
        return draw.choice(LEAVES)
    what = draw.random()
    if what < 0.55:
        sign = draw.choice(["+", "-", "*", "/", "**", "**", "^", "%", "//", "@", "<", " ", ",", "=", " if ", " and "])
        return f"{make_expression(draw, depth - 1)}{sign}{make_expression(draw, depth - 1)}"
    if what < 0.8:
        return f"{draw.choice(FUNCTIONS)}({make_expression(draw, depth - 1)})"
    return draw.choice(["({})", "-{}", "[{}]", "{}'", "lambda x: {}", "({}", "{})", "{}[0]", "f'{}'", "not {}"]).format(
        make_expression(draw, depth - 1)
    )


def try_expression(folder, draw):
    if draw.random() < 0.2:
        deep = draw.choice([50, 500, 5000, 100_000])
        pattern = draw.choice(["({})", "-{}", "sin({})", "{}+x", "{}**2", "{}**x", "{}*x", "[{}]", "2**{}"])
        before, after = pattern.split("{}")
        expression = before * deep + "x" + after * deep
    else:
        expression = make_expression(draw)
    if draw.random() < 0.3:
        place = draw.randrange(len(expression) + 1)
        expression = expression[:place] + draw.choice(ODD) + expression[place:]
    start = draw.choice(
        ["x=1", "x=1,y=2", "2", "x=1,y=2,z=3", "x=1e308", "x=-1e200,y=0", "x=0", f"x={draw.choice(ODD)}"]
    )
    words = ["descend", "--start", start, "--steps", draw.choice(["3", "100"])]
    words += ["--no-picture"] if draw.random() < 0.7 else ["--out", "seen.png"]
    return [*words, "--", expression] if draw.random() < 0.8 else [*words, expression]


# Answers

PYTHON = "def build_vocabulary(texts):\n    return {word: number for number, word in enumerate(sorted(set(texts)))}\n"
SNIPPETS = [
    "x = " + "9" * 5000, "x = " + "(" * 300 + ")" * 300, "x = " + "[" * 5000, "x = " + "-" * 5000 + "1", "x = '\ud800'",
    "x = '\0'", "# coding: rot13", "# coding: x" + LONG, "# coding: utf-16", "def f(:", "\tif 1:\n  x", "x = 1\x0c\x1b",
    "from __future__ import braces", "import " + "a." * 3000 + "b", "x = f'{'", "é = 1", "x = 0777", "\ufeffx",
    "x = " + "+".join(["1"] * 20_000), "x = '''", "return 1", "x" * 100_000, "match x:\n case {**y, 'a': 1}: pass",
    "\\", "async = 1", "nonlocal x", "x = " + "lambda: " * 400 + "1", "class " + LONG + ": pass", "%matplotlib", "!ls",
]  # fmt: skip


def make_notebook(source, draw):
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": ["# x"]},
        {"cell_type": "code", "metadata": {}, "source": source.splitlines(True), "outputs": [], "execution_count": 1},
    ]
    whole = {"cells": cells, "metadata": {"kernelspec": {"name": "python3"}}, "nbformat": 4, "nbformat_minor": 5}
    if draw.random() < 0.1:
        return "[" * draw.choice([1000, 100_000])
    return json.dumps(change_json(whole, draw), ensure_ascii=draw.random() < 0.5)


def try_answer(folder, draw):
    """Answers that cannot be read, most of them: those that can cost a judge seconds."""
    source = draw.choice([PYTHON, ""]) + draw.choice(SNIPPETS) + "\n"
    if draw.random() < 0.3:
        source = draw.choice(SNIPPETS) + "\n" + source
    notebook = draw.random() < 0.4
    content = make_notebook(source, draw) if notebook else source
    name = draw.choice(["vocabulary", "vocabulary", "vocabulary", "softmax", LONG, "a b", "[red]", "-x", "x\ny"])
    name += ".ipynb" if notebook else draw.choice([".py", ".py", ".py", ".PY", ".txt", ""])
    try:
        path = place_file(folder, "answers/ada/" + name, encode(content, draw), draw, 0.2)
    except OSError:
        return ["check", name]
    if draw.random() < 0.3:
        words = ["grade", str(folder / "answers"), "--workers", "1", "--trust"]
        return words + (["--exercise", "vocabulary"] if draw.random() < 0.5 else [])
    words = ["check", str(path), "--answers", str(folder / "answers")]
    return words + (["--exercise", "vocabulary"] if draw.random() < 0.7 else [])


# Catalogues, tokenizers, places


def write_toml(value):
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {write_toml(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(write_toml, value)) + "]"
    return json.dumps(value)


def try_catalogue(folder, draw):
    file = {"name": "a.txt", "urls": ["http://127.0.0.1:9/a"], "size": 5, "checksum": "sha256:" + "0" * 64}
    entry = {"about": "a", "task": "gpt", "licence": "CC0", "homepage": "http://a.org", "files": [file], "use": "a.txt"}
    entry |= {"options": "--set steps=3", "disk": 5}
    whole = {"mirror": "http://127.0.0.1:9", "mine": entry}
    for _ in range(draw.choice([1, 1, 2])):
        whole = change_json(whole, draw)
        if not isinstance(whole, dict):
            whole = {"mine": whole}
    text = "\n".join(f"{json.dumps(key)} = {write_toml(value)}" for key, value in whole.items())
    if draw.random() < 0.1:
        text = "x = " + draw.choice("[{") * draw.choice([100, 100_000]) + "\n" + text
    os.environ["GROUNDUP_CATALOGUE"] = str(place_file(folder, "catalogue.toml", encode(text, draw, 0.9), draw, 0.1))
    words = ["data list", "data show mine", "data path mine", "data show mnist", "data remove mine", "data list --json"]
    return draw.choice([*words, "train gpt --data mine"]).split()


def try_tokenizer(folder, draw):
    shutil.copytree("runs", folder / "runs")
    path = folder / "runs" / draw.choice(["gpt", "pairs", "sentiment"]) / "tokenizer.json"
    changed = json.dumps(change_json(json.loads(path.read_text()), draw)).encode()
    place_file(path.parent, path.name, changed, draw, 0.2)
    name = path.parent.name
    words = (
        f"predict {name} good" if name == "sentiment" else draw.choice([f"generate {name} --tokens 3", f"show {name}"])
    )
    return [*words.split(), "--runs", str(folder / "runs")]


def try_place(folder, draw):
    """Odd places to write to; no device files: some tests run as root."""
    (folder / "loop").symlink_to("loop")
    (folder / "file").write_text("x")
    (folder / "closed").mkdir(mode=0)
    inside = [
        str(folder / name) for name in ("loop", "loop/x", "file/x", "file", "closed/x/y", ".", "new/", LONG, "-x")
    ]
    place = draw.choice(inside + PLACES)
    command = draw.choice(
        [
            "descend x**2 --start 2 --steps 3 --out",
            "attention gpt --text she --out",
            "export gpt --to gguf --out",
            "export gpt --to huggingface --out",
            "evaluate digits --out",
            "grade class --exercise vocabulary --csv",
            "train heights --data table.csv --run new --runs",
            "import checkpoint --runs",
            "learn start vocabulary --answers",
        ]
    )
    return [*command.split(), place]


TRIES = [
    (try_table, 15), (try_sentences, 12), (try_text, 10), (try_picture, 10), (try_idx, 5), (try_options, 20),
    (try_setting, 10), (try_expression, 12), (try_answer, 3), (try_catalogue, 8), (try_tokenizer, 3), (try_place, 4),
]  # fmt: skip
