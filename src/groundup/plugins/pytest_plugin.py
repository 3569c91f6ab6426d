"""pytest's plugin: ``pytest --groundup`` judges answers as tests. Without it, nothing is done and nothing loaded.

pytest loads this file at every start wherever groundup is installed, before anything else of the package: so it
imports nothing of it that takes time, or that a project's own import hooks would want to see first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--groundup`` and ``--groundup-seed``."""
    group = parser.getgroup("groundup", "answers to groundup's exercises")
    group.addoption(
        "--groundup",
        action="store_true",
        help="Judge answers to exercises as tests: those in the folder answers (or $GROUNDUP_ANSWERS), "
        "and under the paths on the command line.",
    )
    group.addoption(
        "--groundup-seed",
        type=int,
        metavar="N",
        help="Draw the same random cases every time; new ones at each start if left out.",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Load the judge if it is needed."""
    if config.getoption("--groundup"):
        from groundup.plugins.pytest_items import AnswersPlugin

        config.pluginmanager.register(AnswersPlugin(config), "groundup-answers")
