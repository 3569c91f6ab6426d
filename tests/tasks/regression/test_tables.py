"""Tables as people have them, from training to prediction: spellings, dates, units, names with anything in them."""

import csv
import datetime
import json

import numpy as np
import pytest
from rich.text import Text

from groundup.base.errors import UserError
from groundup.base.reporting import Reporter
from groundup.cli import main
from groundup.export.onnx_model import _describe
from groundup.runs.folder import Run
from groundup.tasks.launch import launch
from groundup.tasks.protocol import predict_words
from groundup.tasks.regression.task import task
from groundup.tasks.tables.units import choose_units, read_unit


@pytest.fixture
def train(tmp_path):
    def run(text, *pairs, name="run", **options):
        path = tmp_path / f"{name}.csv"
        path.write_text(text, encoding="utf-8")
        return launch(
            "heights",
            root=tmp_path / "runs",
            name=name,
            data=str(path),
            pairs=pairs,
            reporter=Reporter.silent(),
            **options,
        )

    return run


def make_rows(count=60, seed=0):
    random = np.random.default_rng(seed)
    area = random.uniform(30, 2000, count).round(2)
    share = random.uniform(0, 100, count).round(1)
    return area, share, (3 * area + 7 * share + 11).round(3)


def write_german(area, share, rent):
    def comma(value, digits):
        return f"{value:,.{digits}f}".translate(str.maketrans(".,", ",."))

    rows = zip(area, share, rent, strict=True)
    return "Fläche;Anteil;Miete\n" + "".join(f"{comma(a, 2)} m²;{comma(b, 1)} %;{comma(c, 3)} €\n" for a, b, c in rows)


def predict(run, *rows):
    return [
        found["prediction"] for found in predict_words(task, run, list(rows), Reporter.silent()).facts["predictions"]
    ]


def test_a_table_of_a_german_spreadsheet_from_training_to_prediction(train, tmp_path):
    run, report = train(write_german(*make_rows()))
    assert report.facts["weights"] == pytest.approx({"Fläche": 3, "Anteil": 7}, rel=1e-5)
    assert report.facts["units"] == {"Miete": "€", "Fläche": "m2", "Anteil": "%"}
    told = "\n".join(report.lines)
    assert "each extra m2 of Fläche adds 3 €" in told
    assert any(note.startswith('Fläche: "1.') and note.endswith("(in m2).") for note in report.facts["notes"])
    run = Run.open(run.folder.parent, run.name)
    expected = pytest.approx(3 * 1234.5 + 7 * 2.5 + 11, rel=1e-4)
    for row in (
        "Fläche=1.234,50 m²,Anteil=2,5 %",
        '"Fläche"="1.234,5 m²",Anteil="2,5%"',
        "Fläche=1234.5,Anteil=2.5",
        "Anteil=2.5 , Fläche=1234.5",
    ):
        assert predict(run, row) == [expected], row
    assert predict(run, "Fläche=1.234,Anteil=2.5") == [pytest.approx(3 * 1234 + 7 * 2.5 + 11, rel=1e-4)]
    more = tmp_path / "more.csv"
    more.write_text("Fläche;Anteil\n1.234,50 m²;2,5 %\n50,25 m²;0,5 %\n", encoding="utf-8")
    assert predict(run, str(more))[0] == expected
    more.write_text("Fläche,Anteil\n1234.5,2.5%\n50.25,0.5%\n", encoding="utf-8")
    assert predict(run, str(more))[0] == expected
    more.write_text("Fläche,Anteil\n1234.5,0.025\n50.25,0.005\n", encoding="utf-8")
    with pytest.raises(UserError, match="are written without %, and with % where the run was trained"):
        predict(run, str(more))
    measured = task.evaluate(run, None, tmp_path, Reporter.silent()).facts
    assert measured["error"] == pytest.approx(report.facts["test_error"])
    other = tmp_path / "other.csv"
    other.write_text(write_german(*make_rows(seed=1)), encoding="utf-8")
    assert task.evaluate(run, str(other), tmp_path, Reporter.silent()).facts["error"] < 0.01


def test_a_decimal_comma_without_thousands_leaves_a_typed_point_in_doubt(train):
    rows = "".join(f"{place / 4:.2f};{place * place % 7}\n".replace(".", ",") for place in range(40))
    run, _ = train("x;y\n" + rows)
    assert predict(run, "x=2,5") == predict(run, "x=2.5") == predict(run, 'x="2,50"')
    with pytest.raises(UserError, match=r'"1\.500" can be 1500 or 1,500'):
        predict(run, "x=1.500")
    with pytest.raises(UserError, match='"tall" is not a finite number written like'):
        predict(run, "x=tall")


def test_dates_from_training_to_prediction(train, tmp_path):
    first = datetime.date(2015, 1, 1)
    days = np.random.default_rng(0).permutation(150)
    text = "sold,area,price\n" + "".join(
        f"{first + datetime.timedelta(days=9 * int(day)):%d/%m/%Y},{day % 13}.5,{500 * day + 7 * (day % 13)}\n"
        for day in days
    )
    run, report = train(text)
    assert list(report.facts["weights"]) == ["sold", "area"]
    assert report.facts["weights"]["sold"] == pytest.approx(500 / 9, rel=1e-6)
    assert "each later day of sold adds 55.6" in "\n".join(report.lines)
    assert any("sold is read as days since 2015-01-01" in note for note in report.facts["notes"])
    later = 500 / 9 * (datetime.date(2031, 5, 6) - first).days + 7 * 2
    for written in ("06/05/2031", "2031-05-06", "6 May 2031"):
        assert predict(run, f"sold={written},area=2.5") == [pytest.approx(later, rel=1e-6)]
    with pytest.raises(UserError, match='"soon" is not read like the other dates'):
        predict(run, "sold=soon,area=2.5")
    more = tmp_path / "more.csv"
    more.write_text("sold,area\n06/05/2031,2.5\n07/05/2031,\n")
    assert predict(run, str(more)) == [pytest.approx(later, rel=1e-6), None]
    assert run.config["model"]["means"]["sold"].startswith("201")
    code = task_codes(run)[0]
    assert _describe(code) == "days since 2015-01-01"


def task_codes(run):
    from groundup.tasks.regression.task import open_regression

    return open_regression(run)[0]


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ([f"{1974 + place // 4}Q{place % 4 + 1}" for place in range(40)], "each later quarter of t adds 2"),
        ([f"{2015 + place // 12}-{place % 12 + 1:02d}" for place in range(40)], "each later month of t adds 2"),
        ([f"{place % 24}:30" for place in range(40)], "each later hour of t adds 2"),
    ],
)
def test_each_kind_of_time_has_its_own_unit(train, cells, told):
    order = np.random.default_rng(0).permutation(len(cells))
    values = [2 * (place % 24 if "hour" in told else place) for place in range(40)]
    _, report = train("t,y\n" + "".join(f"{cells[place]},{values[place]}\n" for place in order))
    assert told in "\n".join(report.lines)


def test_dates_that_lack_something_are_left_out_and_told(train):
    _, report = train("d,x,y\n" + "".join(f"{place % 28 + 1:02d}.02,{place % 7},{place}\n" for place in range(40)))
    assert list(report.facts["weights"]) == ["x"]
    assert 'Left out d: "01.02" looks like a date without a year.' in " ".join(report.facts["notes"])
    text = "d,y\n" + "".join(f"{place % 28 + 1:02d}.02,{place}\n" for place in range(40))
    with pytest.raises(UserError, match=r'column "d": "01\.02" looks like a date without a year'):
        train(text, "features=d", name="asked")
    assert list(train(text, "features=d", "decimal=point", name="said")[1].facts["weights"]) == ["d"]


@pytest.fixture
def rents(tmp_path):
    """Write rents by city and size; names and words have commas, equals signs, quotes and brackets in them."""
    random = np.random.default_rng(2)
    cities = ["New York, NY", "a=b", '[red] "x"', "[/bold]"]
    path = tmp_path / "rents.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["[blue] city", "size, m2", "year=2020", "rent [/x]"])
        for place in range(90):
            city, size = place % 4, round(random.uniform(20, 120), 1)
            writer.writerow([cities[city], size, place % 9, round(10 * size + 100 * city + place % 9, 1)])
    return path


def test_names_and_words_with_anything_in_them(rents, tmp_path, capsys):
    common = ["--data", str(rents), "--runs", str(tmp_path / "runs")]
    assert main(["train", "heights", *common, "--run", "all", "--target", "rent [/x]"]) == 0
    told = capsys.readouterr().out
    assert "[blue] city a=b instead of New York, NY adds 100" in told
    assert "rent [/x] is predicted like this" in told
    base = [str(tmp_path / "runs")]
    run = Run.open(tmp_path / "runs", "all")
    expected = pytest.approx(500 + 3, abs=0.2)
    for row in (
        '[blue] city=New York, NY,"size, m2"=50,"year=2020"=3',
        '"[blue] city"="New York, NY","size, m2"="50","year=2020"="3"',
        '[blue] city=New York, NY,"size, m2"=50,year=2020=3',
    ):
        assert predict(run, row) == [expected], row
    assert predict(run, '[blue] city=a=b,"size, m2"=50,"year=2020"=3') == [pytest.approx(603, abs=0.2)]
    assert predict(run, '[blue] city="[red] ""x""","size, m2"=50,"year=2020"=3') == [pytest.approx(703, abs=0.2)]
    with pytest.raises(UserError) as caught:
        predict(run, "[blue] city=New York, NY,size, m2=50,year=2020=3")
    assert "Put names and words with a comma or an equals sign in them in quotes" in str(caught.value)
    assert '"size, m2"=…' in str(caught.value)
    assert '"New York, NY"' in str(caught.value)
    capsys.readouterr()
    assert main(["predict", "all", "--runs", *base, '[blue] city=[/bold],"size, m2"=50,"year=2020"=3']) == 0
    assert "[blue] city=[/bold]" in capsys.readouterr().out
    assert main(["evaluate", "all", "--runs", *base, "--out", str(tmp_path / "[out]")]) == 0
    assert "[out]" in capsys.readouterr().out
    for number, features in enumerate(('"size, m2",[blue] city', "size, m2, [blue] city")):
        options = ["--run", f"some{number}", "--target", "rent [/x]", "--features", features]
        assert main(["train", "heights", *common, *options, "--json"]) == 0
        assert next(iter(json.loads(capsys.readouterr().out)["weights"])) == "size, m2"
    options = [
        "--set",
        'units="size, m2":m2,"rent [/x]":[€]',
        "--set",
        'categories="year=2020"',
        "--target",
        "rent [/x]",
    ]
    assert main(["train", "heights", *common, *options, "--run", "units"]) == 0
    told = capsys.readouterr().out
    assert "each extra m2 of size, m2 adds" in told
    assert "year=2020 1 instead of 0 adds" in told


UNITS = {
    None: "checked_in opted_in logged_in size_s size_m size_l group_g plan_m plan_ms class_a temp_min price_min "
    "grade_k shift is_weekday notes_s item_h first_in sold_at_ft mode_c size_in_stock",
    "m2": "area_m2 living_area_m2",
    "km/h": "speed_km_h speed_kmh top_speed_km_h",
    "l": "volume_l tank_capacity_l",
    "°C": "temp_c temperature_c water_temp_C temp_celsius",
    "°F": "temp_f",
    "inch": "height_in diameter_inch rain_in b_inches",
    "cm": "height_cm x_cm",
    "kg": "weight_kg",
    "g": "body_mass_g fat_g",
    "mm": "flipper_length_mm",
    "s": "duration_s time_s",
    "ms": "latency_ms",
    "foot": "altitude_ft",
    "ft2": "area_sqft area_sq_ft",
    "m/s": "wind_speed_m_s",
    "kg/m3": "density_kg_m3",
    "%": "share_percent rate_pct",
    "€": "price_eur",
    "year": "age_years",
    "kWh": "energy_kwh",
}
BRACKETS = {
    "weight (kg)": "kg",
    "height [cm]": "cm",
    "speed (km/h)": "km/h",
    "price (in €)": "€",
    "price ($)": "$",
    "area (m²)": "m2",
    "area (sq. ft.)": "ft2",
    "temp (°C)": "°C",
    "temp (C)": "°C",
    "share (%)": "%",
    "weight(kg)": "kg",
    "length (in)": "inch",
} | dict.fromkeys(
    (
        "notes (see page 3)",
        "smoker (0/1)",
        "x (optional)",
        "sex (m/f)",
        "room(s)",
        "n (count)",
        "answer (y/n)",
        "a (2015)",
    )
)


def test_units_in_names():
    for unit, names in UNITS.items():
        assert {name: read_unit(name) for name in names.split()} == dict.fromkeys(names.split(), unit)
    assert {name: read_unit(name) for name in BRACKETS} == BRACKETS


def test_columns_of_0_and_1_have_no_unit(train):
    random = np.random.default_rng(0)
    flags, size = random.integers(0, 2, 60), random.uniform(1, 9, 60).round(2)
    text = "smoker (kg),size_kg,cost\n" + "".join(f"{a},{b},{a + 2 * b}\n" for a, b in zip(flags, size, strict=True))
    _, report = train(text)
    told = "\n".join(report.lines)
    assert "each extra 1 of smoker (kg) adds 1" in told
    assert "each extra kg of size_kg adds 2" in told
    assert "each extra lb of smoker" in "\n".join(train(text, "units=smoker (kg):lb", name="said")[1].lines)
    assert choose_units(["a", "b"], "b", ["a"], "kg", {}, {"a"}) == {"b": "kg"}
    with pytest.raises(UserError, match="is not column:unit"):
        choose_units(["a, x", "b"], "b", ["a, x"], "a, x:kg")


def test_names_shown_in_a_report_are_plain_text(train):
    words = ["red\x1b[2J", "blue\n[/bold]"]
    text = "a\x1b]0;x\x07,y\n" + "".join(f'"{words[place % 2]}",{place * place % 7}\n' for place in range(30))
    _, report = train(text)
    told = Text.from_markup("\n".join(report.lines)).plain
    assert told.replace("\n", "").isprintable()
    assert "red\\x1b[2J" in told
    assert "blue [/bold]" in told


def test_most_rows_lost_for_one_column_is_told(train):
    text = "pool,x,y\n" + "".join(
        f"{'NaN' if place % 4 else place},{place % 7},{place * place % 31}\n" for place in range(80)
    )
    _, report = train(text)
    assert "Most rows are left out because pool is missing in them (60)" in " ".join(report.facts["notes"])
    assert report.facts["rows"]["left_out"] == 60


def test_a_table_from_a_pipe_can_be_trained_on_and_not_be_read_again(tmp_path):
    import os
    import threading

    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    content = "x,y\n" + "".join(f"{place % 7},{place}\n" for place in range(40))
    writer = threading.Thread(target=pipe.write_text, args=(content,))
    writer.start()
    run, report = launch("heights", root=tmp_path / "runs", data=str(pipe), reporter=Reporter.silent())
    writer.join()
    assert report.facts["rows"]["train"] + report.facts["rows"]["held_out"] == 40
    with pytest.raises(UserError, match="came through a pipe"):
        task.evaluate(run, None, tmp_path, Reporter.silent())


def test_a_later_chunk_of_a_table_to_predict_may_be_written_otherwise(train, tmp_path, monkeypatch):
    from groundup.data.tables import files as table_files

    area, share, rent = make_rows()
    rows = zip(area, share, rent, strict=True)
    run, _ = train("area,share,rent\n" + "".join(f'"{a:,.2f}",{b},{c}\n' for a, b, c in rows))
    monkeypatch.setattr(table_files, "_CHUNK_BYTES", 200)
    more = tmp_path / "more.csv"
    values = [*range(1, 80), 12345, *range(80, 100)]
    more.write_text("area,share\n" + "".join(f'"{value:,}",5\n' for value in values))
    assert predict(run, str(more)) == pytest.approx([3 * value + 35 + 11 for value in values], rel=1e-4)
    more.write_text("area,share,rent\n" + "".join(f'"{value:,}",5,{3 * value + 46}\n' for value in values))
    assert task.evaluate(run, str(more), tmp_path, Reporter.silent()).facts["error"] < 0.01
    more.write_text("area,share\n" + "".join(f"{value},5\n" for value in values) + "tall,5\n")
    with pytest.raises(UserError, match='row 102, column "area": "tall" is not a finite number'):
        predict(run, str(more))


@pytest.mark.parametrize("text", ["x\n2.5\n", 'x\n"2,5"\n', "x\r\n2,5\r\n", '"x"\n2.5\n', "id;x\n7;2,5\n"])
def test_a_table_to_predict_may_have_one_column(train, tmp_path, text):
    run, _ = train("x;y\n" + "".join(f"{place / 4};{place}\n".replace(".", ",") for place in range(40)))
    more = tmp_path / "more.csv"
    more.write_text(text)
    assert predict(run, str(more)) == [pytest.approx(10, rel=1e-4)]
