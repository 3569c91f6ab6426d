import json

import typer
from typer.testing import CliRunner

from groundup.base.reporting import Reporter
from groundup.cli.neighbours import neighbours
from groundup.tasks.launch import launch


def test_neighbours_are_shown_as_a_table_and_as_json(tmp_path):
    launch("sentiment", root=tmp_path, name="mood", reporter=Reporter.silent())
    app = typer.Typer()
    app.command()(neighbours)
    shown = CliRunner().invoke(app, ["mood", "the", "--count", "3", "--runs", str(tmp_path)])
    assert shown.exit_code == 0
    found = CliRunner().invoke(app, ["mood", "the", "--count", "3", "--runs", str(tmp_path), "--json"])
    near = json.loads(found.stdout)["neighbours"]
    assert len(near) == 3
    assert all(neighbour["word"] in shown.stdout for neighbour in near)
