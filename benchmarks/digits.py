"""Time the digit recogniser beside the loop of the lessons, on the same pictures, in one process.

The lessons' loop: a DataLoader that fetches one picture at a time, batches of 64, Adam at 0.001, float32, 5 epochs.
Only training is counted: reading the pictures and measuring accuracy are left out for both.

    python benchmarks/digits.py --data FOLDER_OF_MNIST_IDX_FILES [--json]
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset

from groundup.data.images.images import Images
from groundup.steps.c4_training.digits import DigitNetwork
from groundup.tasks.digits.model import DigitsSettings, Recogniser, make_plan, share_right
from groundup.tasks.digits.task import load_parts
from groundup.training.loop import fit

GOAL = 0.98


class Pictures(Dataset):
    """One picture at a time, turned into numbers when it is asked for."""

    def __init__(self, images: Images) -> None:
        self.images = images

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, place: int) -> tuple[Tensor, int]:
        pixels = torch.from_numpy(self.images.pixels[place]).flatten().float().div(255)
        return pixels, int(self.images.labels[place])


def train_as_lessons(training: Images, test: Images, head: str, seed: int, epochs: int = 5) -> dict:
    """Train by the lessons' loop; measure after every epoch."""
    torch.manual_seed(seed)
    network = DigitNetwork(head=head)
    network.drop = nn.Dropout(0.2)  # what the lessons use; ours is its own, faster one
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    loader = DataLoader(Pictures(training), batch_size=64, shuffle=True)
    pixels = torch.from_numpy(test.pixels).flatten(1).float().div(255)
    labels = torch.from_numpy(test.labels)
    seconds, followed = 0.0, []
    for _ in range(epochs):
        started = time.perf_counter()
        network.train()
        for images, targets in loader:
            optimizer.zero_grad()
            loss = functional.cross_entropy(network(images), targets)
            loss.backward()
            optimizer.step()
        seconds += time.perf_counter() - started
        network.eval()
        with torch.inference_mode():
            followed.append((seconds, float(share_right(network(pixels), labels))))
    return summarise(followed)


def train_as_groundup(training: Images, test: Images, head: str, seed: int, preset: str = "fast") -> dict:
    """Train by the project's own loop and settings; measure at the end."""
    settings = DigitsSettings(**{"preset": preset, "head": head, **DigitsSettings.presets[preset]})
    sample = training.pixels[::12]
    described = {
        "features": 784,
        "classes": list(training.classes),
        "mean": float(sample.mean()),
        "spread": float(sample.std()),
    }
    torch.manual_seed(seed)
    recogniser = Recogniser.build(settings, described)
    plan = make_plan(recogniser, training, test, seed)
    plan.evaluate = None
    started = time.perf_counter()
    fit(plan)
    seconds = time.perf_counter() - started
    accuracy = share_right(recogniser.scores(torch.from_numpy(test.pixels)), torch.from_numpy(test.labels))
    return summarise([(seconds, float(accuracy))])


def summarise(followed: list[tuple[float, float]]) -> dict:
    """Return the last accuracy, the seconds spent, and the seconds at which 98 % was first seen, if it was."""
    reached = [seconds for seconds, accuracy in followed if accuracy >= GOAL]
    return {
        "accuracy": round(followed[-1][1], 4),
        "training_seconds": round(followed[-1][0], 3),
        "seconds_to_98": round(reached[0], 3) if reached else None,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, help="a folder of MNIST idx files, gzipped or not")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--best", action="store_true", help="also train preset best, about half a minute")
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
    arguments = parser.parse_args()
    training, test = load_parts(arguments.data, 0.2, arguments.seed)
    jobs: dict[str, Callable[[], dict]] = {
        "groundup, logits": lambda: train_as_groundup(training, test, "logits", arguments.seed),
        "groundup, sigmoid": lambda: train_as_groundup(training, test, "sigmoid", arguments.seed),
        "lessons' loop, logits": lambda: train_as_lessons(training, test, "logits", arguments.seed),
        "lessons' loop, sigmoid": lambda: train_as_lessons(training, test, "sigmoid", arguments.seed),
    }
    if arguments.best:
        jobs["groundup, best"] = lambda: train_as_groundup(training, test, "logits", arguments.seed, "best")
    # The first training in a process pays for setting up threads and kernels: a small one pays for all.
    train_as_groundup(training.take(np.arange(2048)), test, "logits", arguments.seed)
    results = {}
    for name, job in jobs.items():
        results[name] = job()
        if not arguments.json:
            found = results[name]
            to_goal = found["seconds_to_98"]
            print(
                f"{name:24s} {found['accuracy']:7.2%} after {found['training_seconds']:6.2f} s of training; "
                + (f"98 % at {to_goal:.2f} s" if to_goal is not None else "never at 98 %"),
                flush=True,
            )
    lessons, ours = results["lessons' loop, logits"], results["groundup, logits"]
    # Where the lessons' loop never gets to 98 %, all of its time is a lower bound of what it would need.
    times_sooner = None
    if ours["seconds_to_98"]:
        times_sooner = round((lessons["seconds_to_98"] or lessons["training_seconds"]) / ours["seconds_to_98"], 2)
    summary = {
        "threads": torch.get_num_threads(),
        "results": results,
        "times_sooner": times_sooner,
        "lessons_reached_98": lessons["seconds_to_98"] is not None,
        "sigmoid_costs_points": {
            "lessons' loop": points(lessons, results["lessons' loop, sigmoid"]),
            "groundup": points(ours, results["groundup, sigmoid"]),
        },
    }
    if arguments.json:
        print(json.dumps(summary, ensure_ascii=False))
    else:
        bound = "" if summary["lessons_reached_98"] else "at least "
        print(f"98 % {bound}{times_sooner} times sooner, {torch.get_num_threads()} threads")
        print(f"the sigmoid costs, in points of accuracy: {summary['sigmoid_costs_points']}")


def points(logits: dict, sigmoid: dict) -> float:
    return round(100 * (logits["accuracy"] - sigmoid["accuracy"]), 2)


if __name__ == "__main__":
    main()
