"""The playground of a table's run: its fields as the table writes them, and rows that come to the same prediction."""

from concurrent.futures import ThreadPoolExecutor

import anyio
import numpy as np
import pytest

from groundup.base.errors import UserError
from groundup.base.reporting import Reporter
from groundup.lab.predict_api import play
from groundup.tasks.launch import launch
from groundup.tasks.tables.form import describe_fields


def test_fields_of_a_table_with_dates_decimal_commas_and_words_with_commas(tmp_path):
    path = tmp_path / "table.csv"
    random = np.random.default_rng(0)
    lines = ["day;size, m2;city;rent"]
    for place in range(60):
        size = round(random.uniform(1, 9), 2)
        cells = f'{size:.2f};"{["New York, NY", "a=b"][place % 2]}";{place % 28 + 3 * size:.2f}'.replace(".", ",")
        lines.append(f"{1 + place % 28:02d}.03.2015;{cells}")
    path.write_text("\n".join(lines))
    run, _ = launch("heights", root=tmp_path / "runs", data=str(path), reporter=Reporter.silent())
    fields = {field["name"]: field for field in describe_fields(run)}
    assert [field["plain"] for field in fields.values()] == [False, False, True]
    assert fields["day"]["mean"].startswith("2015-03-1")
    assert "," in fields["size, m2"]["mean"]
    row = {"day": fields["day"]["mean"], "size, m2": fields["size, m2"]["mean"], "city": "New York, NY"}
    answer = ask(play, run, {"row": row})
    day, size = int(row["day"][-2:]) - 1, float(row["size, m2"].replace(",", "."))
    assert answer["predictions"][0]["prediction"] == pytest.approx(day + 3 * size, abs=0.05)
    with pytest.raises(UserError, match="did not occur in training"):
        ask(play, run, {"row": row | {"city": "Oslo, NO"}})


def ask(function, *arguments):
    """Await in a thread of its own: the one of the tests may have a loop already, that of the browser's driver."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(anyio.run, function, *arguments).result()
