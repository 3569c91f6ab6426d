"""Let the network of the tour read digits that are drawn with a mouse, on each of the lab's two boards.

    python benchmarks/drawn.py [--seeds 5] [--strokes FILE] [--json]

For each seed a run is trained as `groundup tour` trains it. The strokes in `drawn_digits.txt` were written down before
anything was changed to read them better, and nothing was tuned on them.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import tempfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from groundup.base.reporting import Reporter
from groundup.lessons.page_loading import load_views
from groundup.lessons.trained import RUNS
from groundup.lessons.views import Draw
from groundup.runs.folder import Run
from groundup.tasks.digits.task import task
from groundup.tasks.launch import launch

SIDE = 280  # the boards' pixels
FINE = 4  # how many times finer the pen is drawn, for even edges
LESSON_PEN, RUN_PEN = 25, 24
SPACING, TREMOR = 6.0, 1.0  # pixels from one place of the mouse to the next, and how far it is off


def read_strokes(path: Path) -> dict[str, list[np.ndarray]]:
    """Return the strokes of each drawing, arrays of shape (places, 2); names begin with their digit."""
    drawings = {}
    for line in path.read_text().splitlines():
        if line and not line.startswith("#"):
            name, _, strokes = line.partition(": ")
            drawings[name] = [
                np.array([place.split(",") for place in stroke.split()], dtype=float) for stroke in strokes.split("|")
            ]
    return drawings


def move_mouse(places: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Return where a mouse is seen: whole pixels, evenly spaced on a smooth way through the places, with a tremor."""
    ends = np.concatenate([places[:1], places, places[-1:]])
    shares = np.linspace(0, 1, 40)[:, None]
    way = []
    for before, start, end, after in zip(ends, ends[1:], ends[2:], ends[3:], strict=False):
        turns_here, turns_there = np.array_equal(before, start), np.array_equal(end, after)
        leaves = (end - start) / 2 if turns_here else (end - before) / 2
        arrives = (end - start) / 2 if turns_there else (after - start) / 2
        cubic = 2 * shares**3 - 3 * shares**2 + 1, shares**3 - 2 * shares**2 + shares
        mirrored = -2 * shares**3 + 3 * shares**2, shares**3 - shares**2
        way.append(cubic[0] * start + cubic[1] * leaves + mirrored[0] * end + mirrored[1] * arrives)
    line = np.concatenate(way)
    lengths = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    at = np.linspace(0, lengths[-1], max(2, round(lengths[-1] / SPACING) + 1))
    seen = np.stack([np.interp(at, lengths, line[:, axis]) for axis in (0, 1)], axis=1)
    return np.rint(seen + random.normal(0, TREMOR, seen.shape))


def draw(strokes: list[np.ndarray], pen: int) -> Image.Image:
    """Return what a round pen leaves on a board: grey, ink 255 on 0."""
    board = Image.new("L", (SIDE * FINE, SIDE * FINE))
    brush, half = ImageDraw.Draw(board), pen * FINE / 2
    for stroke in strokes:
        points = [(float(x) * FINE, float(y) * FINE) for x, y in stroke]
        brush.line(points, fill=255, width=pen * FINE)
        for x, y in points:
            brush.ellipse((x - half, y - half, x + half, y + half), fill=255)
    return board.reduce(FINE)


def read_on_lesson(run: Run, strokes: list[np.ndarray]) -> np.ndarray:
    """Return the probabilities that the lesson shows: its board counts the ink in cells."""
    os.environ[RUNS] = str(run.folder.parent)
    board = load_views("digits")["board"]
    cells = next(control.side for control in board.controls if isinstance(control, Draw))
    ink = np.asarray(draw(strokes, LESSON_PEN), dtype=float).reshape(cells, SIDE // cells, cells, SIDE // cells)
    levels = np.round(ink.mean((1, 3)) / 255, 2).ravel().tolist()
    frame = board.compute(**{**board.check({}), "ink": levels, "drawn": 1})
    return np.asarray(frame["probabilities"])


def read_on_run(run: Run, strokes: list[np.ndarray]) -> np.ndarray:
    """Return the probabilities that the run's page shows: its board is sent as a PNG, black on white."""
    file = BytesIO()
    Image.eval(draw(strokes, RUN_PEN), lambda level: 255 - level).convert("RGBA").save(file, "PNG")
    form = {"picture": "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()}
    facts = task.predict(run, task.read_form(run, form)).report().facts
    return np.array(list(facts["predictions"][0]["probabilities"].values()))


def measure(drawings: dict[str, list[np.ndarray]], seeds: int) -> dict[str, dict]:
    """Train a run for each seed, and let it read every drawing on both boards."""
    boards: dict[str, Callable[[Run, list[np.ndarray]], np.ndarray]] = {"lesson": read_on_lesson, "run": read_on_run}
    random = np.random.default_rng(0)
    drawn = {name: [move_mouse(stroke, random) for stroke in strokes] for name, strokes in drawings.items()}
    found: dict[str, dict] = {board: {name: [] for name in drawn} for board in boards}
    accuracies, seconds = [], []
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(seeds):
            root = Path(folder, str(seed))
            run, report = launch("digits", root=root, name="tour-digits", seed=seed, reporter=Reporter.silent())
            accuracies.append(report.facts["accuracy"])
            seconds.append(report.facts["training_seconds"])
            for board, read in boards.items():
                for name, strokes in drawn.items():
                    found[board][name].append(read(run, strokes).round(4).tolist())
    return {"drawings": found, "accuracy": accuracies, "training_seconds": seconds}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--strokes", type=Path, default=Path(__file__).with_name("drawn_digits.txt"))
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    measured = measure(read_strokes(options.strokes), options.seeds)
    if options.json:
        print(json.dumps(measured))
        return
    print(f"held-out pictures: {np.mean(measured['accuracy']):.2%} right ({measured['accuracy']})")
    print(f"training: {np.median(measured['training_seconds']):.1f} s")
    for board, drawings in measured["drawings"].items():
        answers = np.array(list(drawings.values()))  # drawing, seed, digit
        truths = np.array([int(name[0]) for name in drawings])
        right = (answers.argmax(2) == truths[:, None]).sum(0)
        print(f"{board}: right {right.tolist()} of {len(drawings)}")
        for name, truth, rows in zip(drawings, truths, answers, strict=True):
            said = "".join(str(row.argmax()) for row in rows)
            print(f"  {name:32} says {said}, sure of {truth}: {rows[:, truth].mean():.0%}")


if __name__ == "__main__":
    main()
