"""Settings are read from KEY=VALUE and refuse what they cannot take."""

import dataclasses
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundup.base.errors import UserError
from groundup.training.settings import describe_settings, from_json, from_mapping, read_settings, setting


@dataclasses.dataclass(frozen=True)
class Example:
    preset: str = setting("fast", "where to start from")
    epochs: int = setting(5, "passes over the data", low=0, high=1000)
    learning_rate: float = setting(1e-3, "size of a step", low=0.0)
    hidden: int | None = setting(None, "width; by itself from the data")
    shuffle: bool = setting(True, "draw in random order")
    head: str = setting("logits", "the last layer", choices=("logits", "sigmoid"))
    presets: ClassVar = {"fast": {}, "best": {"epochs": 9, "head": "sigmoid"}}


def test_defaults_and_types():
    assert read_settings(Example, []) == Example()
    read = read_settings(Example, ["epochs=3", "learning-rate=0.5", "hidden=7", "shuffle=no"])
    assert read == Example(epochs=3, learning_rate=0.5, hidden=7, shuffle=False)


def test_a_preset_is_the_ground_and_the_rest_goes_on_top_in_any_order():
    assert read_settings(Example, ["epochs=2", "preset=best"]) == Example("best", epochs=2, head="sigmoid")


@given(
    st.builds(Example, epochs=st.integers(0, 1000), learning_rate=st.floats(0, 1e6), hidden=st.none() | st.integers())
)
def test_round_trip_through_a_mapping(example):
    assert from_mapping(Example, dataclasses.asdict(example)) == example


@pytest.mark.parametrize(
    ("pair", "message"),
    [
        ("epochs", "expected KEY=VALUE"),
        ("epoch=3", 'Did you mean "epochs"'),
        ("zzz=3", "The settings are preset, epochs"),
        ("epochs=three", "whole number"),
        ("epochs=2.5", r"expected a whole number\.$"),
        ("epochs=1e3", r"expected a whole number\. Write 1000\."),
        ("epochs=1e400", r"expected a whole number\.$"),
        ("learning_rate=0,1", r"expected a number\. Write 0\.1\."),
        ("learning_rate=5%", r"expected a number\. Write 0\.05\."),
        ("learning_rate=1,000", r"expected a number\.$"),
        ("epochs=-1", "at least 0"),
        ("epochs=1001", "at most 1000"),
        ("learning_rate=nan", "finite"),
        ("learning_rate=inf", "finite"),
        ("shuffle=maybe", "true or false"),
        (f"head={'x' * 999}", r"--set head=x{57}\.\.\.: choose one of"),
        ("head=softmax", "choose one of logits, sigmoid"),
        ("head=\udcff", "not UTF-8"),
        ("preset=slow", "no such preset"),
    ],
)
def test_bad_settings_are_told_in_one_line(pair, message):
    with pytest.raises(UserError, match=message) as caught:
        read_settings(Example, [pair])
    assert "\n" not in str(caught.value)


def test_every_setting_is_described():
    rows = describe_settings(Example)
    assert [row[0] for row in rows] == [field.name for field in dataclasses.fields(Example)]
    assert rows[3][1] == "automatic"


@dataclasses.dataclass(frozen=True)
class Renamed:
    batch_size: int = setting(5, "rows per step", low=1, former_name="rows")


@dataclasses.dataclass(frozen=True)
class Grown:
    batch_size: int = setting(5, "rows per step")
    shuffled: bool = setting(True, "whether the rows are shuffled", in_old_runs=False)


def test_an_old_run_has_what_it_had_before_there_was_the_setting():
    assert read_settings(Grown, []) == Grown(5, True)
    assert from_json(Grown, {"batch_size": 3}) == Grown(3, False)
    assert from_json(Grown, {"shuffled": True}) == Grown(5, True)


def test_a_former_name_is_still_read_and_the_last_one_counts():
    assert read_settings(Renamed, ["rows=3"]) == Renamed(3)
    assert read_settings(Renamed, ["rows=3", "batch-size=4"]) == Renamed(4)
    assert from_json(Renamed, {"rows": 7}) == Renamed(7)
    assert [row[0] for row in describe_settings(Renamed)] == ["batch_size"]
    with pytest.raises(UserError, match="batch_size=0: must be at least 1"):
        read_settings(Renamed, ["rows=0"])
    with pytest.raises(ValueError, match=r"settings\.batch_size is 'many'"):
        from_json(Renamed, {"rows": "many"})
