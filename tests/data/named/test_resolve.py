"""What ``--data`` stands for: a path, a name, a file of a name; in runs that are resumed and measured later."""

import gzip
import json
import struct

import numpy as np
import pytest

from groundup.base.errors import UserError
from groundup.cli import main
from groundup.data.named.catalogue import find_entry
from groundup.data.named.fetching import get_data, remove_data
from groundup.data.named.resolve import locate, resolve

TEXT = b"she sells sea shells by the sea shore. " * 60
TINY_GPT = "steps=3 layers=1 heads=2 width=16 context=8 batch_size=2 sample_tokens=0 precision=float32"
TABLE = b"age,height\n" + b"".join(b"%d,%d\n" % (row % 7 + 1, row % 7 * 2 + row % 3) for row in range(40))


def settings(text):
    return [word for pair in text.split() for word in ("--set", pair)]


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    """Runs and paths are relative to a folder of the test's own; the threads are shared with other tests."""
    monkeypatch.setattr("torch.set_num_threads", lambda count: None)
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)


@pytest.fixture
def shells(server, catalogue):
    """Return a text in the cache, called ``shells``, with a second file beside the one that is used."""
    files = [("train.txt", TEXT, [server.put("/train.txt", TEXT)], {}), ("more.txt", b"more " * 99, [], {})]
    files[1] = ("more.txt", files[1][1], [server.put("/more.txt", files[1][1])], {})
    entry = catalogue("shells", files, use="train.txt")
    get_data(entry)
    return entry


def refused(arguments, capsys):
    capsys.readouterr()
    assert main(arguments) == 2
    (line,) = capsys.readouterr().err.splitlines()
    return line


def test_a_name_is_its_file_and_a_file_of_it_can_be_named(shells, cache):
    folder = cache / "data" / "shells"
    assert locate("shells") == locate("name:shells") == folder / "train.txt"
    assert locate("shells/more.txt") == folder / "more.txt"
    with pytest.raises(UserError, match=r"shells/none.txt: no such file. shells has more.txt, train.txt"):
        locate("shells/none.txt")
    with pytest.raises(UserError, match="no such file"):
        locate("name:shells/../../downloads")


def test_a_path_wins_over_a_name_and_it_is_said(shells, tmp_path, capsys):
    (tmp_path / "here" / "shells").write_bytes(b"a path wins over a name. " * 60)
    assert resolve("shells", "gpt")[0] == "shells"
    assert main(["train", "gpt", "--data", "shells", *settings(TINY_GPT)]) == 0
    said = capsys.readouterr().err
    assert (
        "shells is a file here and also a data name: the file is used. For the name, write --data name:shells" in said
    )
    config = json.loads((tmp_path / "here" / "runs" / "gpt" / "config.json").read_text())
    assert config["data"] == str(tmp_path / "here" / "shells")
    assert main(["train", "gpt", "--data", "name:shells", "--run", "other", *settings(TINY_GPT)]) == 0
    assert "is a file here" not in capsys.readouterr().err
    config = json.loads((tmp_path / "here" / "runs" / "other" / "config.json").read_text())
    assert (config["data"], config["text"]["characters"]) == ("name:shells", len(TEXT))


def test_nothing_is_downloaded_unasked(server, catalogue, capsys, tmp_path):
    catalogue("shells", [("train.txt", TEXT, [server.put("/t", TEXT)], {})], use="train.txt")
    line = refused(["train", "gpt", "--data", "shells"], capsys)
    assert "shells is not on this computer yet. Get it with: groundup data get shells" in line
    assert "(2.3 kB from 127.0.0.1, licence: CC0)" in line
    assert server.log == []
    assert list((tmp_path / "here").iterdir()) == []


@pytest.mark.parametrize(
    ("task", "data", "told"),
    [
        ("digits", "mnits", ['"mnits" is not a file or folder here and not a data name', "mnist"]),
        ("digits", "name:mnits", ['No data called "mnits"', "Did you mean"]),
        ("digits", "sst2", ["sst2 is data for sentiment, not for digits", "groundup train sentiment --data sst2"]),
        ("gpt", "mnist", ["mnist is data for digits, not for gpt"]),
        ("heights", "galtn", ["Did you mean galton"]),
        ("sentiment", "sst", ["Did you mean sst2"]),
        ("gpt", "tinyshakespeare", ["Did you mean tiny-shakespeare"]),
        ("digits", "missing/folder", ["no such file or folder"]),
        ("heights", "table.csv", ["no such file"]),
    ],
)
def test_a_name_spelled_wrong_or_of_another_task_is_told(task, data, told, cache, capsys):
    line = refused(["train", task, "--data", data], capsys)
    for part in told:
        assert part in line


def test_built_in_sources_are_still_found(cache, capsys):
    assert main(["train", "sentiment", "--data", "sentences", "--set", "epochs=1", "--set", "least_steps=2"]) == 0
    assert main(["train", "heights", "--data", "cohort"]) == 0


def test_a_run_finds_its_data_again_from_a_folder_where_a_path_has_the_name(shells, tmp_path, capsys, monkeypatch):
    runs = str(tmp_path / "runs")
    train = ["train", "gpt", "--data", "shells", "--runs", runs, *settings(TINY_GPT)]
    assert main(train) == 0
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "shells").write_bytes(b"another text altogether, not the one learned. " * 60)
    monkeypatch.chdir(elsewhere)
    capsys.readouterr()
    assert main(["evaluate", "gpt", "--runs", runs, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["characters"] == len(TEXT) - int(0.9 * len(TEXT))
    assert main(["train", "--run", "gpt", "--resume", "--runs", runs]) == 0
    assert main(["train", "--run", "gpt", "--resume", "--runs", runs, "--data", "name:shells"]) == 0
    assert main(["evaluate", "gpt", "--data", "name:shells/more.txt", "--runs", runs, "--json"]) == 2  # "m" is new
    assert main(["show", "gpt", "--runs", runs]) == 0
    assert "data      name:shells" in capsys.readouterr().out


def test_a_run_goes_on_after_the_data_was_removed_and_got_again(shells, capsys):
    """Shards are known by their text's name and time, and both stay the same."""
    train = ["train", "gpt", "--data", "shells", "--set", "shard_above=0.0001", *settings(TINY_GPT)]
    assert main(train) == 0
    remove_data(shells)
    assert "groundup data get shells" in refused(["train", "--run", "gpt", "--resume"], capsys)
    get_data(shells)
    assert main(["train", "--run", "gpt", "--resume"]) == 0


def test_data_changed_in_the_catalogue_is_other_data(shells, server, catalogue):
    entry = catalogue("shells", [("train.txt", TEXT * 2, [server.put("/new", TEXT * 2)], {})], use="train.txt")
    with pytest.raises(UserError, match="not on this computer yet"):
        locate("shells")
    get_data(entry)
    assert locate("shells").read_bytes() == TEXT * 2
    assert not (locate("shells").parent / "more.txt").exists()


def test_data_unpacked_in_another_way_is_other_data(server, catalogue):
    packed = gzip.compress(TEXT)
    url = server.put("/a", packed)
    for target in ("a.txt", "b.txt"):
        more = {"unpack": '"gz"', "members": f'{{ "a" = "{target}" }}'}
        entry = catalogue("packed", [("a.gz", packed, [url], more)], use=target, disk=len(TEXT))
        get_data(entry)
        assert locate("packed").read_bytes() == TEXT
    assert len(server.log) == 1


def test_every_task_takes_a_name_to_train_and_to_measure(server, catalogue, capsys):
    pixels = np.random.default_rng(0).integers(0, 255, (40, 28, 28), dtype=np.uint8)
    labels = bytes(number % 4 for number in range(40))
    contents = {
        "train-images-idx3-ubyte.gz": gzip.compress(struct.pack(">IIII", 2051, 40, 28, 28) + pixels.tobytes()),
        "train-labels-idx1-ubyte.gz": gzip.compress(struct.pack(">II", 2049, 40) + labels),
        "table.csv": TABLE,
        "train.tsv": b"a good day\t1\na bad day\t0\n" * 20,
        "test.tsv": b"good\t1\nbad\t0\n",
    }
    urls = {name: server.put(f"/{name}", content) for name, content in contents.items()}

    def add(name, task, *files, **fields):
        get_data(catalogue(name, [(file, contents[file], [urls[file]], {}) for file in files], task=task, **fields))

    add("pictures", "digits", "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz")
    add("table", "heights", "table.csv", use="table.csv")
    add("reviews", "sentiment", "train.tsv", "test.tsv")
    few = {"digits": "epochs=1 hidden=8", "heights": "iterations=5", "sentiment": "epochs=1 least_steps=2"}
    for name, task in (("pictures", "digits"), ("table", "heights"), ("reviews", "sentiment")):
        assert main(["train", task, "--data", name, *settings(few[task])]) == 0, name
    assert main(["evaluate", "heights", "--data", "table"]) == 0
    assert main(["evaluate", "sentiment", "--data", "reviews/test.tsv"]) == 0
    assert main(["predict", "heights", "table"]) == 0
    assert "reviews is data for sentiment" in refused(["evaluate", "digits", "--data", "reviews"], capsys)


@pytest.mark.parametrize(
    ("name", "folder", "task", "asked"),
    [
        ("sst2", "sst2", "sentiment", ["--set", "epochs=1"]),
        ("galton", "heights-galton", "heights", ["--target", "childHeight", "--set", "units=inch"]),
        ("tiny-shakespeare", "tinyshakespeare", "gpt", settings(TINY_GPT)),
    ],
)
def test_the_real_files_have_the_catalogues_checksums_and_load_through_their_task(
    name, folder, task, asked, shared_data, cache, capsys
):
    assert main(["data", "get", name, "--from", str(shared_data(folder)), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["data"][0]["here"] is True
    assert main(["train", task, "--data", name, *asked]) == 0


def test_real_mnist_files_by_name(server, catalogue, shared_data, capsys):
    """Under another name: one of these files is a reconstruction, so its checksum is not the catalogue's."""
    names = [file.name for file in find_entry("mnist").files]
    files = [(name, (shared_data("mnist") / name).read_bytes()) for name in names]
    entry = catalogue(
        "real-mnist",
        [(name, content, [server.put(f"/{name}", content)], {}) for name, content in files],
        task="digits",
    )
    get_data(entry)
    assert main(["train", "digits", "--data", "real-mnist", "--set", "epochs=1", "--set", "hidden=32", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["accuracy"] > 0.9
