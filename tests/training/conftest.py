"""What can become of a run's folder: damages of every kind, drawn at random."""

import contextlib
import json
import os
import shutil

import pytest
import torch
from odd_values import change_json
from safetensors import safe_open
from safetensors.torch import load_file, save_file


def damage_json(path, draw):
    if draw.random() < 0.05:
        deep = draw.choice([100, 800, 950, 990, 100_000])
        content, start = json.loads(path.read_text()), draw.choice(['{"x": ', "["])
        held = start * deep + "1" + {"[": "]"}.get(start, "}") * deep
        whole = json.dumps({**content, draw.choice(["x", "task", "model"]): 0}).replace(": 0}", f": {held}}}")
        path.write_text(whole if draw.random() < 0.7 else start * deep)
        return "nested deep"
    path.write_text(json.dumps(change_json(json.loads(path.read_text()), draw)))
    return "another value"


def damage_lines(path, draw):
    lines = path.read_text().splitlines()
    place = draw.randrange(len(lines) + 1)
    what = draw.choice(["cut", "drop", "twice", "noise", "value", "value", "value", "none", "first"])
    line = lines[place % len(lines)]
    if what == "cut":
        lines[place % len(lines)] = line[: draw.randrange(len(line))]
    elif what == "drop":
        del lines[place % len(lines)]
    elif what == "twice":
        lines.insert(place, line)
    elif what == "noise":
        lines.insert(place, draw.choice(["{", "null", "3", "[" * 100_000, '{"step": NaN}', "\0", '{"step": 2}', "{}"]))
    elif what == "value":
        lines[place % len(lines)] = json.dumps(change_json(json.loads(line), draw))
    else:
        lines = [] if what == "none" else lines[:1]
    path.write_text("\n".join(lines) + draw.choice(["\n", "\n", ""]))
    return f"lines: {what}"


def damage_tensors(path, draw):
    """Change the header of a safetensors file, or what it holds."""
    if draw.random() < 0.5:
        content = path.read_bytes()
        size = int.from_bytes(content[:8], "little")
        header = json.loads(content[8 : 8 + size])
        if "__metadata__" in header and draw.random() < 0.5:
            notes = header["__metadata__"]
            name = draw.choice(list(notes))
            with contextlib.suppress(ValueError):
                notes[name] = json.dumps(change_json(json.loads(notes[name]), draw))
        else:
            header = change_json(header, draw)
        changed = json.dumps(header).encode()
        path.write_bytes(len(changed).to_bytes(8, "little") + changed + content[8 + size :])
        return "another header"
    with safe_open(path, framework="pt") as file:
        notes = file.metadata()
    tensors = load_file(path)
    name = draw.choice(sorted(tensors))
    tensor = tensors[name]
    what = draw.choice(["nan", "inf", "huge", "shape", "type", "gone", "more", "empty", "row", "scalar"])
    if what in ("nan", "inf", "huge"):
        if not tensor.is_floating_point() or not tensor.numel():
            tensor = tensor.float()
        tensor.view(-1)[: draw.choice([1, tensor.numel()])] = {"nan": torch.nan, "inf": torch.inf, "huge": 3e38}[what]
    elif what == "type":
        tensor = tensor.to(draw.choice([torch.float64, torch.int64, torch.uint8, torch.bfloat16, torch.bool]))
    elif what == "shape":
        tensor = tensor.reshape(-1) if tensor.ndim > 1 else tensor.reshape(1, -1)
    elif what == "row":
        tensor = torch.cat([tensor, tensor]) if tensor.ndim else tensor.reshape(1)
    elif what == "empty":
        tensor = tensor.new_empty(draw.choice([(0,), (0, 3), (5, 0, 10**6)]))
    elif what == "scalar":
        tensor = torch.tensor(1.0)
    if what == "gone":
        del tensors[name]
    else:
        tensors[name if what != "more" else "x"] = tensor.contiguous().clone()
    save_file(tensors, path, metadata=notes)
    return f"tensor: {what}"


def damage_bytes(path, draw):
    content = bytearray(path.read_bytes())
    what = draw.choice(["cut", "flip", "flip", "insert", "empty", "noise", "longer"])
    place = draw.randrange(len(content) + 1)
    if what == "cut":
        content = content[:place]
    elif what == "flip":
        for _ in range(draw.choice([1, 1, 5, 50])):
            if content:
                content[draw.randrange(min(len(content), draw.choice([16, 400, 10**9])))] ^= 1 << draw.randrange(8)
    elif what == "insert":
        content[place:place] = draw.randbytes(draw.choice([1, 8, 300]))
    elif what == "noise":
        content = draw.randbytes(len(content))
    else:
        content = b"" if what == "empty" else bytes(content) * 2
    path.write_bytes(content)
    return f"bytes: {what}"


def damage_place(path, draw):
    """Put something in the file's place that is no file, or may not be read."""
    what = draw.choice(["gone", "gone", "folder", "itself", "nowhere", "passwd", "zero", "pipe", "closed", "full"])
    if what == "closed":
        path.chmod(0)
        return what
    path.unlink()
    targets = {"itself": path.name, "nowhere": "nowhere/at/all", "passwd": "/etc/passwd", "zero": "/dev/zero"}
    if what in targets:
        path.symlink_to(targets[what])
    elif what == "folder":
        path.mkdir()
        (path / "inside").write_text("x")
    elif what == "pipe":
        os.mkfifo(path)
    elif what == "full":
        path.symlink_to("/dev/full")
    return what


def damage_one(folder, draw):
    """Damage one file of a run's folder; return what was done."""
    kinds = {".json": damage_json, ".jsonl": damage_lines, ".safetensors": damage_tensors, ".png": damage_bytes}
    files = sorted(path for path in folder.iterdir() if path.suffix in kinds and path.is_file())
    files = [path for path in files if not path.is_symlink()]
    path = draw.choice(files + [path for path in files if path.name in ("config.json", "metrics.jsonl")])
    if draw.random() < 0.12:
        return f"{path.name}: {damage_place(path, draw)}"
    if draw.random() < 0.25:
        return f"{path.name}: {damage_bytes(path, draw)}"
    if draw.random() < 0.05:
        others = [other for other in folder.parent.parent.glob(f"others/*/{path.name}") if other.is_file()]
        if others:
            shutil.copyfile(draw.choice(sorted(others)), path)
            return f"{path.name}: of another run"
    try:
        return f"{path.name}: {kinds[path.suffix](path, draw)}"
    except Exception:  # noqa: BLE001 - what is damaged already
        return f"{path.name}: {damage_bytes(path, draw)}"


@pytest.fixture(scope="session")
def damage():
    """Return a function that damages one file of a folder, as a source of random numbers wants it."""
    return damage_one
