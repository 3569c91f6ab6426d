"""Several processes learn what one learns: the same losses, the same weights, whatever is spread and however."""

import importlib.util
import json
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as some

from groundup.base.errors import UserError
from groundup.training.distributed import ProcessGone, ProcessGroup, join_process_group, told_apart
from groundup.training.sharding import needs_sharding

WORKERS = Path(__file__).parent / "workers"
CASES = [
    {"preset": "modern"},
    {"preset": "classic"},
    {"preset": "modern", "accumulation_steps": 2},
    {"preset": "modern", "sharded": True},
    {"preset": "classic", "sharded": True, "accumulation_steps": 2},
]


@given(some.integers(1, 9), some.integers(1, 5), some.integers(0, 60))
def test_the_rows_of_all_are_the_batch(size, parts, more):
    count = size * parts + more
    rows = [
        row
        for rank in range(size)
        for part in ProcessGroup(rank, size).take_rows(count, parts)
        for row in range(count)[part]
    ]
    assert rows == list(range(count))
    shares = [
        part.stop - part.start for rank in range(size) for part in ProcessGroup(rank, size).take_rows(count, parts)
    ]
    assert max(shares) - min(shares) <= 1


def test_too_few_rows_are_refused():
    with pytest.raises(UserError, match=r"A batch of 5 cannot be shared by 3 process.* in 2 .*at least 6"):
        ProcessGroup(0, 3).take_rows(5, 2)


def test_alone_nothing_is_sent():
    numbers = torch.arange(3.0)
    ProcessGroup().all_reduce_sum([numbers])
    assert numbers.tolist() == [0, 1, 2]
    assert ProcessGroup().broadcast({"a": 1}) == {"a": 1}


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ({"WORLD_SIZE": "two"}, "WORLD_SIZE says"),
        ({"WORLD_SIZE": "0"}, "WORLD_SIZE says"),
        ({"WORLD_SIZE": "2"}, "RANK is not set"),
        ({"WORLD_SIZE": "2", "RANK": "2"}, "RANK says"),
        ({"WORLD_SIZE": "2", "RANK": "0"}, "MASTER_PORT is not set"),
        ({"WORLD_SIZE": "2", "RANK": "0", "MASTER_PORT": "70000"}, "MASTER_PORT says"),
        ({"WORLD_SIZE": "2", "RANK": "0", "MASTER_PORT": "7000"}, "MASTER_ADDR is not set"),
    ],
)
def test_half_of_what_torchrun_says_is_told(told, name, monkeypatch):
    for known in ("WORLD_SIZE", "RANK", "LOCAL_RANK", "LOCAL_WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT"):
        monkeypatch.delenv(known, raising=False)
    for known, said in told.items():
        monkeypatch.setenv(known, said)
    with pytest.raises(UserError, match=name):
        join_process_group()


def test_a_lost_connection_is_told_from_a_fault():
    with pytest.raises(ProcessGone, match="--max-restarts"), told_apart():
        raise RuntimeError("[gloo/transport/tcp/pair.cc:537] Read error: Connection reset by peer")
    with pytest.raises(RuntimeError, match="shapes"), told_apart():
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")


def test_a_model_is_spread_where_it_does_not_fit():
    cpu, pair = torch.device("cpu"), ProcessGroup(0, 2, 2)
    assert not needs_sharding("auto", 1_000_000, cpu, pair)
    assert needs_sharding("auto", 10**13, cpu, pair)
    assert not needs_sharding("no", 10**13, cpu, pair)
    assert needs_sharding("yes", 10, cpu, pair)
    assert not needs_sharding("yes", 10, cpu, ProcessGroup())


@pytest.fixture(scope="module")
def alone():
    """Return what one process finds in every case."""
    found = importlib.util.spec_from_file_location("gpt_losses", WORKERS / "gpt_losses.py")
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return [module.train(**case) for case in CASES]


def test_accumulation_changes_nothing(alone):
    """Gradients accumulated over parts of a batch are the batch's."""
    assert alone[2][0] == pytest.approx(alone[0][0], abs=1e-5)


@pytest.mark.parametrize("count", [2, 4])
def test_every_loss_is_that_of_one_process(count, alone, torchrun):
    """Twenty steps in float32, weights kept whole or spread, in one part or two: within 1e-5."""
    # Two of them from nothing, as a person starts them.
    process = torchrun(count, WORKERS / "gpt_losses.py", json.dumps(CASES), forked=count > 2)
    out, errors = process.communicate(timeout=600)
    assert out, errors
    for case, (losses, weights), (expected, expected_weights) in zip(CASES, json.loads(out), alone, strict=True):
        assert losses == pytest.approx(expected, abs=1e-5), case
        assert weights == pytest.approx(expected_weights, rel=1e-4), case
        assert losses[-1] < losses[0]


@pytest.mark.parametrize("count", [2, 3])
def test_matrices_go_to_their_owners_and_back_and_muon_steps_them_alike(count, torchrun):
    out, errors = torchrun(count, WORKERS / "exchange.py", forked=True).communicate(timeout=600)
    assert out.strip() == "done", errors
