"""A run's ``config.json``: what must be in it, whatever the task."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from groundup.base.errors import UserError
from groundup.base.shape import (
    Mismatch,
    anything,
    fields,
    flag,
    list_of,
    mapping_of,
    maybe,
    number,
    scalar,
    text,
    whole,
)
from groundup.runs.reading import AGAIN, MOST_STEPS, read_json

FORMAT = 1
CONFIG = "config.json"
# What `torch` and NumPy both take for a seed.
MOST_SEED = 2**32 - 1


def _changes(value: Any, place: str) -> None:
    """Accept pairs of steps: after which one, and how many in all from then on (`groundup.training.pace`)."""
    list_of(list_of(whole(1, MOST_STEPS), least=2))(value, place)
    last = 0
    for index, pair in enumerate(value):
        if len(pair) != 2 or not last < pair[0] < pair[1]:
            raise Mismatch(f"{place}[{index}]", pair, "a later step and a larger number of steps")
        last = pair[0]


_CONFIG = fields(
    {"task": text},
    {
        "groundup": text,
        "data": maybe(text),
        "seed": whole(0, MOST_SEED),
        "minutes": maybe(number(0, 1e6)),
        "settings": mapping_of(scalar),
        "model": mapping_of(anything),
        "steps": whole(1, MOST_STEPS),
        "training_seconds": number(0),
        "measured_tokens": whole(1, MOST_STEPS),
        "size": fields(dict.fromkeys(("layers", "heads", "width", "context", "batch_size"), whole(1, 10**9))),
        "changes": _changes,
        "warm_up": number(0, 1),
        "evaluate_every": whole(1, MOST_STEPS),
        "text": fields({"name": text, "characters": whole(0, 10**18)}, {"sha256": text, "shards": text}),
        "parts": mapping_of(fields({"exercise": text, "sha256": text}, {"from": text})),
        "imported": fields({"from": text}),
        "origin": fields(
            {"from": text, "model": mapping_of(anything)}, {"validation_loss": number(), "accuracy": number(0, 1)}
        ),
        "quantised": fields({"from": text}),
        "experts": fields({"count": whole(1, 10**6), "used": whole(1, 10**6)}),
        "checkpoint": flag,
    },
)


def is_run(folder: Path) -> bool:
    """Tell whether a folder is a run's folder; a run with damaged settings counts."""
    path = folder / CONFIG
    if not path.is_file():
        return False
    try:
        return "task" in json.loads(path.read_bytes())
    except (OSError, ValueError, TypeError, RecursionError):
        return True


def read_config(path: Path) -> dict[str, Any]:
    """Return the content of a run's ``config.json``.

    Raises
    ------
    UserError
        It cannot be read, is not what it must be, or is of another version of the run folder.
    """

    def fit(found: Any, place: str) -> None:
        if not isinstance(found, dict) or "task" not in found:
            raise UserError(f"{path}: damaged, it names no task. Train again with another --run.")
        if found.get("format") != FORMAT:
            shown = json.dumps(found.get("format"))[:40]
            raise UserError(f"{path}: written in format {shown}, this groundup reads {FORMAT}. Train again.")
        _CONFIG(found, place)

    config: dict[str, Any] = read_json(path, fit, AGAIN)
    return config
