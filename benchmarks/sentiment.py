"""Accuracy and training time of the sentiment models beside fastText, on the same files, in one run.

Run ``python benchmarks/sentiment.py --data FOLDER [--seeds 5] [--json]``; the folder holds train.tsv, dev.tsv and
test.tsv (sentence, tab, 0 or 1), for example SST-2. fastText is measured where it is installed (``pip install
fasttext-wheel``), with word pairs, and with word pairs and the same pieces of words as ours; its epochs and learning
rate are chosen on dev.tsv. Seconds are from reading the file to the trained model, imports left out; the accuracy is
on test.tsv. The first fit of each kind is thrown away, for what it loads lazily.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from groundup.data.texts.labelled_texts import LabelledTexts, read_labelled_texts
from groundup.data.texts.words import split_words
from groundup.estimators.sentiment_models import SMOOTHING, AverageSentiment, RatioSentiment, plan_training
from groundup.training.loop import fit
from groundup.training.threads import use_threads

Judge = Callable[[list[str]], np.ndarray]

# Chosen on dev.tsv among epochs 5, 10, 25 and learning rates 0.1, 0.5, 1.0; small tables keep fastText quick.
FASTTEXT = {"dim": 16, "bucket": 200_000, "wordNgrams": 2, "thread": 2, "verbose": 0}


@use_threads(1)
def train_ours(path: Path, seed: int) -> Judge:
    texts = read_labelled_texts(path)
    torch.manual_seed(seed)
    model, prepared = RatioSentiment.learn(texts.texts, texts.labels, SMOOTHING)
    settings = {"epochs": 2, "least_steps": 200, "batch_size": 64, "learning_rate": 0.02, "seed": seed}
    fit(plan_training(model, prepared, texts.labels, **settings))
    return lambda sentences: model.score(sentences) > 0


@use_threads(1)
def train_notes(path: Path, seed: int) -> Judge:
    texts = read_labelled_texts(path)
    torch.manual_seed(seed)
    model, prepared = AverageSentiment.learn(texts.texts)
    settings = {"epochs": 5, "least_steps": 200, "batch_size": 64, "learning_rate": 0.01, "seed": seed}
    fit(plan_training(model, prepared, texts.labels, **settings))
    return lambda sentences: model.score(sentences) > 0


def train_fasttext(path: Path, seed: int, **settings) -> Judge:
    import fasttext

    model = fasttext.train_supervised(str(path), seed=seed, **FASTTEXT, **settings)
    # Its own Python wrapper does not run on NumPy 2; the method under it does.
    return lambda sentences: np.array(
        [model.f.predict(s + "\n", 1, 0.0, "strict")[0][1] == "__label__1" for s in sentences]
    )


def write_for_fasttext(texts: LabelledTexts, path: Path) -> Path:
    lines = (f"__label__{int(y)} {' '.join(split_words(x))}\n" for x, y in zip(texts.texts, texts.labels, strict=True))
    path.write_text("".join(lines), encoding="utf-8")
    return path


def rate(judge: Judge, texts: LabelledTexts) -> float:
    return float((judge([" ".join(split_words(text)) for text in texts.texts]) == np.array(texts.labels)).mean())


def choose_fasttext(path: Path, dev: LabelledTexts, **pieces: int) -> dict[str, float]:
    choices = [{"epoch": epochs, "lr": rate_, **pieces} for epochs in (5, 10, 25) for rate_ in (0.1, 0.5, 1.0)]
    return max(choices, key=lambda choice: rate(train_fasttext(path, 0, **choice), dev))


def measure(train: Callable[[Path, int], Judge], path: Path, test: LabelledTexts, seeds: int) -> dict[str, float]:
    train(path, 0)
    accuracies, seconds = [], []
    for seed in range(seeds):
        started = time.perf_counter()
        judge = train(path, seed)
        seconds.append(time.perf_counter() - started)
        accuracies.append(rate(judge, test))
    return {
        "accuracy": statistics.mean(accuracies),
        "lowest": min(accuracies),
        "highest": max(accuracies),
        "seconds": statistics.median(seconds),
        "longest": max(seconds),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    test = read_labelled_texts(options.data / "test.tsv")
    train_path = options.data / "train.tsv"
    results: dict[str, dict[str, float]] = {
        "groundup, default": measure(train_ours, train_path, test, options.seeds),
        "groundup, preset=notes": measure(train_notes, train_path, test, options.seeds),
    }
    try:
        import fasttext  # noqa: F401
    except ImportError:
        print("fastText is not installed: left out (pip install fasttext-wheel).")
    else:
        dev = read_labelled_texts(options.data / "dev.tsv")
        with tempfile.TemporaryDirectory() as folder:
            path = write_for_fasttext(read_labelled_texts(train_path), Path(folder) / "train.txt")
            for name, pieces in {"pairs": {}, "pairs and pieces": {"minn": 3, "maxn": 6}}.items():
                chosen = choose_fasttext(path, dev, **pieces)

                def train(path: Path, seed: int, chosen: dict[str, float] = chosen) -> Judge:
                    return train_fasttext(path, seed, **chosen)

                results[f"fastText, {name} ({chosen['epoch']} epochs, rate {chosen['lr']})"] = measure(
                    train, path, test, options.seeds
                )
    if options.json:
        print(json.dumps(results))
        return
    print(f"{len(test)} test sentences, {options.seeds} seeds")
    print(f"{'':52} accuracy, mean (extremes)        seconds, median (longest)")
    for name, r in results.items():
        accuracy = f"{100 * r['accuracy']:.2f} % ({100 * r['lowest']:.2f} to {100 * r['highest']:.2f})"
        print(f"{name:52} {accuracy}   {r['seconds']:.2f} s ({r['longest']:.2f})")


if __name__ == "__main__":
    main()
