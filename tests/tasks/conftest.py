"""Parts are judged by one judge for all tests of a worker; `tests/judge` is about how a judge starts."""

import pytest


@pytest.fixture(autouse=True)
def judged_by_one(one_judge):
    """Let every task ask the judge that stays."""
