"""Settings of a task: a frozen dataclass whose fields carry their help, read from ``KEY=VALUE``."""

from __future__ import annotations

import dataclasses
import difflib
import math
import types
import typing
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from groundup.base.errors import UserError
from groundup.base.plain_text import shorten

Settings = TypeVar("Settings")
# No computer counts further; what is larger would overflow somewhere instead of being told.
MOST = 10**12


def setting(
    default: Any,
    explanation: str,
    *,
    choices: Sequence[Any] | None = None,
    low: float | None = None,
    high: float | None = None,
    former_name: str | None = None,
    in_old_runs: Any = None,
) -> Any:
    """Declare a field of a settings dataclass.

    Parameters
    ----------
    default : Any
        The value where the user says nothing.
    explanation : str
        One line for the user: what it does, in which unit.
    choices : sequence, optional
        The only values allowed.
    low, high : float, optional
        Bounds of a number, both allowed themselves.
    former_name : str, optional
        What the setting was called before; it is still read, on the command line and in old run folders.
    in_old_runs : Any, optional
        The value that runs had before there was this setting, if it is not ``default``: their folders do not name it.
    """
    metadata = {
        "explanation": explanation,
        "choices": choices,
        "low": low,
        "high": high,
        "former_name": former_name,
        "in_old_runs": in_old_runs,
    }
    return dataclasses.field(default=default, metadata=metadata)


def read_settings(settings_type: type[Settings], pairs: Iterable[str]) -> Settings:
    """Read ``KEY=VALUE`` pairs into settings.

    Where the type has a class variable ``presets`` (name → values) and a field ``preset``, the chosen
    preset's values are taken first and the other pairs go on top, in whatever order they were given.

    Parameters
    ----------
    settings_type : type
        A dataclass whose fields were made with `setting`.
    pairs : iterable of str
        For example ``["epochs=3", "head=sigmoid"]``; of a key given twice the last counts.

    Raises
    ------
    UserError
        A pair without ``=``, an unknown key, a value of the wrong type or out of bounds.

    Examples
    --------
    >>> @dataclasses.dataclass(frozen=True)
    ... class Example:
    ...     epochs: int = setting(5, "passes over the data", low=1)
    >>> read_settings(Example, ["epochs=3"])
    Example(epochs=3)
    """
    given: dict[str, str] = {}
    for pair in pairs:
        key, equals, text = pair.partition("=")
        if not equals:
            raise UserError(f'--set {pair}: expected KEY=VALUE, for example "--set {_example(settings_type)}".')
        given[current_name(settings_type, key)] = text.strip()
    return from_mapping(settings_type, given)


def current_name(settings_type: type, key: str) -> str:
    """Return a setting's name for what a user or an old run folder calls it.

    Examples
    --------
    >>> @dataclasses.dataclass(frozen=True)
    ... class Example:
    ...     batch_size: int = setting(5, "rows per step", former_name="rows")
    >>> current_name(Example, "batch-size"), current_name(Example, "rows")
    ('batch_size', 'batch_size')
    """
    key = key.strip().replace("-", "_")
    former = {field.metadata.get("former_name"): field.name for field in dataclasses.fields(settings_type)}
    return former.get(key, key)


def from_json(settings_type: type[Settings], given: dict[str, Any]) -> Settings:
    """Build settings from what `dataclasses.asdict` gave, read back from JSON; checked as by `read_settings`.

    What is not named has the value that it had before there was the setting.

    Raises
    ------
    ValueError
        A name is none of a setting, or a value is none that the setting can have.
    """
    kinds = typing.get_type_hints(settings_type)
    old = {field.name: field.metadata.get("in_old_runs") for field in dataclasses.fields(settings_type)}  # type: ignore[arg-type]
    given = {current_name(settings_type, key): value for key, value in given.items()}
    given = {name: value for name, value in old.items() if value is not None} | given
    fits = {bool: (bool,), int: (int,), float: (int, float), str: (str,)}
    for key, value in given.items():
        options = typing.get_args(kinds.get(key)) or (kinds.get(key),)
        expected = tuple(kind for option in options for kind in fits.get(option, (option,)) if kind is not None)
        if expected and (not isinstance(value, expected) or (isinstance(value, bool) and bool not in expected)):
            raise ValueError(f"settings.{key} is {str(value)[:40]!r}, which is no value of it")
    try:
        return from_mapping(settings_type, given)
    except UserError as error:
        raise ValueError(str(error).removeprefix("--set ").rstrip(".")) from error


def from_mapping(settings_type: type[Settings], given: dict[str, Any]) -> Settings:
    """Build settings from a mapping of texts or of JSON values, checked as by `read_settings`."""
    fields = {field.name: field for field in dataclasses.fields(settings_type)}  # type: ignore[arg-type]
    kinds = typing.get_type_hints(settings_type)
    for key in given:
        if key not in fields:
            raise UserError(f"--set {key}: no such setting. {_suggest(key, fields)}")
    values = {key: _read_value(fields[key], kinds[key], value) for key, value in given.items()}
    presets: dict[str, dict[str, Any]] = getattr(settings_type, "presets", {})
    if presets:
        chosen = values.get("preset", fields["preset"].default)
        if chosen not in presets:
            raise UserError(f"--set preset={chosen}: no such preset. Choose one of {', '.join(presets)}.")
        values = {**presets[chosen], **values}
    return settings_type(**values)


def describe_settings(settings_type: type) -> list[list[str]]:
    """Return rows (key, default, explanation) for a table of every setting."""
    rows = []
    for field in dataclasses.fields(settings_type):
        explanation = field.metadata.get("explanation", "")
        choices = field.metadata.get("choices")
        if choices:
            explanation += f" ({', '.join(str(choice) for choice in choices)})"
        rows.append([field.name, "automatic" if field.default is None else str(field.default), explanation])
    return rows


def _example(settings_type: type) -> str:
    field = dataclasses.fields(settings_type)[0]
    return f"{field.name}={field.default}"


def _suggest(key: str, fields: dict[str, Any]) -> str:
    near = difflib.get_close_matches(key, fields, n=1)
    if near:
        return f'Did you mean "{near[0]}"?'
    return f"The settings are {', '.join(fields)}."


def _read_value(field: dataclasses.Field[Any], kind: Any, value: Any) -> Any:
    options = typing.get_args(kind) if isinstance(kind, types.UnionType) else (kind,)
    where = f"--set {field.name}={shorten(str(value))}"
    if type(None) in options and (value is None or (isinstance(value, str) and value.lower() == "none")):
        return None
    wanted = next(option for option in options if option is not type(None))
    result = _convert(value, wanted, where)
    choices, low, high = (field.metadata.get(name) for name in ("choices", "low", "high"))
    if choices is not None and result not in choices:
        raise UserError(f"{where}: choose one of {', '.join(str(choice) for choice in choices)}.")
    if low is not None and result < low:
        raise UserError(f"{where}: must be at least {low}.")
    if high is not None and result > high:
        raise UserError(f"{where}: must be at most {high}.")
    return result


def _guess(text: str, wanted: type) -> str:
    """Return how a number in another notation is written here: 0,1 and 20%, and 1e3 where it must be whole."""
    bare = text.strip().removesuffix("%")
    try:
        number = float(bare.replace(",", ".")) / (100 if text.strip().endswith("%") else 1)
    except ValueError:
        return ""
    if bare[-4:-3] == ",":  # 1,000 is not 1
        return ""
    if wanted is float:
        return f" Write {number:g}." if math.isfinite(number) else ""
    return f" Write {number:.0f}." if abs(number) < 1e15 and number.is_integer() else ""


def _convert(value: Any, wanted: type, where: str) -> Any:
    if wanted is bool:
        known = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
        if str(value).lower() not in known:
            raise UserError(f"{where}: expected true or false.")
        return known[str(value).lower()]
    if wanted in (int, float):
        try:
            number = wanted(value)
        except (ValueError, OverflowError) as error:
            noun = "a whole number" if wanted is int else "a number"
            raise UserError(f"{where}: expected {noun}.{_guess(str(value), wanted)}") from error
        if not math.isfinite(number):
            raise UserError(f"{where}: expected a finite number.")
        return number
    text = str(value)
    if any("\ud800" <= sign <= "\udfff" for sign in text):
        raise UserError(f"{where}: not UTF-8. Write it in UTF-8.")
    return text
