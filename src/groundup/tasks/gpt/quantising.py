"""``groundup quantise``: a run's weights as int8, in a run of their own, measured beside the old ones."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path
from typing import Any

import torch

from groundup.base.errors import UserError
from groundup.base.reporting import Reporter
from groundup.base.writing import pack_json, write_atomically
from groundup.data.corpus.tokens import Tokenizer
from groundup.models.quantised_layers import quantise_layers
from groundup.runs.checkpoint import model_tensors
from groundup.runs.folder import REPORT, Run, check_name
from groundup.steps.c6_gpt.gpt import GPT
from groundup.tasks.gpt.about import about
from groundup.tasks.gpt.corpus import KEPT_TEXT, TOKENIZER, measure_loss
from groundup.tasks.gpt.evaluation import read_measured_text
from groundup.tasks.gpt.mixture import refuse_experts
from groundup.tasks.gpt.runs import LAST, draw_tokens, encode_prompt, open_gpt, threads_to_decode
from groundup.tasks.protocol import Report
from groundup.tasks.reports import WORDS
from groundup.training.threads import use_threads

MOST_MEASURED = 32_768  # tokens
TIMED_TOKENS = 48
# A larger loss than this is said; whole models lose much less.
MOST_CHANGE = 0.005
NOT_FASTER = "Only a model that is too large for the processor's caches gets faster, from about ten million weights on."


def quantise_run(run: Run, root: Path, name: str | None, data: str | None, reporter: Reporter) -> Report:
    """Write a run with quantised weights, and say what changed.

    Parameters
    ----------
    run : Run
        A trained or imported gpt run; it is only read.
    root : Path
        The folder of all runs.
    name : str or None
        What to call the new run; by default as the old one, with ``-int8``.
    data : str or None
        A text to measure on; by default the run's own validation text.
    reporter : Reporter
        Shows the progress.

    Raises
    ------
    UserError
        The run cannot be opened, is quantised already, has experts or a learner's own parts, or the new name is taken.
    """
    if run.quantised_from is not None:
        raise UserError(f"{run.folder}: quantised already, from {run.quantised_from}.")
    if parts := run.config.get("parts"):
        raise UserError(
            f"{run.folder} computes with the learner's own {', '.join(parts)}, which may keep weights in a form of "
            "their own. Train without --with to quantise it."
        )
    refuse_experts(run, "which is not quantised here. Train without --set experts to quantise it.")
    name = check_name(name or f"{run.name}-int8")
    if (root / name).exists():
        raise UserError(f"{root / name}: this run exists already. Choose another name with --run.")
    model, tokenizer, weights = open_gpt(run)
    size = run.path(weights).stat().st_size
    tokens, text = None, ""
    if data is not None or (run.config["task"] == about.name and "text" in run.config):
        tokens, _, text = read_measured_text(run, data, tokenizer, reporter)
    before = _measure(model, tokenizer, tokens, "as it is", reporter)
    quantise_layers(model)
    after = _measure(model, tokenizer, tokens, "quantised", reporter)

    made = Run.create(root, name, run.config["task"], _describe(run, model), lambda new: _fill(new, run, model))
    new_size = made.path(LAST).stat().st_size
    facts: dict[str, Any] = {
        "run": made.name,
        "folder": str(made.folder),
        "task": run.config["task"],
        "bytes_before": size,
        "bytes": new_size,
        "tokens_per_second_before": before["tokens_per_second"],
        "tokens_per_second": after["tokens_per_second"],
    }
    lines = [
        f"Saved in {made.folder}: {new_size / 1e6:.2f} MB of weights, before {size / 1e6:.2f} MB "
        f"({new_size / size:.0%}).",
    ]
    if tokens is not None:
        change = after["loss"] / before["loss"] - 1
        facts |= {"data": text, "loss_before": before["loss"], "loss": after["loss"], "loss_change": change}
        facts |= {"validation_loss": after["loss"]}
        part = f" ({MOST_MEASURED:,} tokens of it)" if len(tokens) > MOST_MEASURED else ""
        lines.append(
            f"Loss on {text}{part}: {after['loss']:.4f} nats per token, before {before['loss']:.4f} ({change:+.2%})."
        )
        if change > MOST_CHANGE:
            lines.append(
                f"This is more than {MOST_CHANGE:.1%}: some of its rows have a few weights that are very large."
            )
        if run.config["task"] == about.name:  # reports of other tasks hold other figures
            write_atomically(made.path(REPORT), pack_json(facts | {WORDS: lines[1:]}))
    else:
        lines.append("The loss was not measured: name a text to measure it on with --data.")
    speed, old_speed = after["tokens_per_second"], before["tokens_per_second"]
    lines.append(
        f"It writes {speed:.0f} tokens per second here, before {old_speed:.0f} ({speed / old_speed:.2f} times as fast)."
        + ("" if speed > old_speed else f" {NOT_FASTER}")
    )
    lines.append(f'Try it: groundup generate {made.name} --prompt "…"')
    return Report(facts=facts, lines=lines)


def _measure(model: GPT, tokenizer: Tokenizer, tokens: Any, state: str, reporter: Reporter) -> dict[str, float]:
    found = {}
    if tokens is not None:
        reporter.say(f"Measuring its loss {state} on at most {MOST_MEASURED} tokens …")
        with torch.inference_mode():
            found["loss"] = measure_loss(model, tokens, most_tokens=MOST_MEASURED)
    reporter.say(f"Timing {TIMED_TOKENS} tokens {state} …")
    with use_threads(threads_to_decode(model)):
        found["tokens_per_second"] = _time_tokens(model, tokenizer)
    return found


def _time_tokens(model: GPT, tokenizer: Tokenizer) -> float:
    """Return how many tokens are written per second, the best of two tries: the first one also loads and prepares."""
    speeds = []
    for _ in range(2):
        drawn = draw_tokens(model, encode_prompt("", tokenizer), TIMED_TOKENS, temperature=0)
        next(drawn)
        begun = time.perf_counter()
        count = sum(1 for _ in drawn)
        speeds.append(count / (time.perf_counter() - begun))
    return max(speeds)


def _describe(run: Run, model: GPT) -> dict[str, Any]:
    kept = ("data", "seed", "minutes", "settings", "text", "imported", "origin")
    config = {name: run.config[name] for name in kept if name in run.config}
    if run.has_file(KEPT_TEXT):
        config.pop("text", None)  # it stays in the folder of the old run
    return {**config, "model": dataclasses.asdict(model.settings), "quantised": {"from": run.name}}


def _fill(new: Run, run: Run, model: GPT) -> None:
    write_atomically(new.path(TOKENIZER), run.path(TOKENIZER).read_bytes())
    new.save_model(model_tensors(model))
