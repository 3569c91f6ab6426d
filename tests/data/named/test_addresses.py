"""Data at addresses: downloaded once, used by every job, and plain words where that does not work."""

import contextlib
import hashlib
import http.server
import io
import json
import sys
import threading
import zipfile

import fsspec
import pytest

from groundup.base.errors import UserError
from groundup.cli import main
from groundup.data.corpus.texts import read_text
from groundup.data.images.images import load_images
from groundup.data.named.addresses import describe_address, list_addresses
from groundup.data.named.file_systems import FileSystemDownloader
from groundup.data.named.resolve import locate, resolve
from groundup.data.tables.table import open_table
from groundup.data.texts.labelled_texts import load_splits

TEXT = "one two three four fivé\n" * 60


@pytest.fixture
def memory():
    """Return fsspec's file system in memory, empty."""
    files = fsspec.filesystem("memory")
    files.store.clear()
    files.pseudo_dirs[:] = [""]
    yield files
    files.store.clear()


@pytest.fixture
def folder_server(tmp_path):
    """Return a folder and the address at which Python's own server lists it."""
    folder = tmp_path / "served"
    folder.mkdir()

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments):
            super().__init__(*arguments, directory=str(folder))

        def log_message(self, *arguments):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield folder, f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_a_file_over_http_is_downloaded_once(server, cache, memory):
    address = server.put("/texts/my%20book.txt?download=1", TEXT.encode())
    path = locate(address)
    assert path.name == "my_book.txt"
    assert path.read_text() == TEXT
    assert locate(address) == path
    assert len(server.log) == 1
    assert list(list_addresses()) == [(address, len(TEXT.encode()))]
    data, note = resolve(address, "gpt")
    assert data == address
    assert note.endswith(f"For a new one: groundup data remove {address}")


def test_a_download_over_http_goes_on_where_it_broke(server, cache, behave):
    content = TEXT.encode() * 200
    address = server.put("/a.txt", content, behave(cut=0.5))
    assert locate(address).read_bytes() == content
    assert [request[1] is not None for request in server.log] == [False, True]


def test_a_checksum_in_the_address_is_compared(server, cache):
    right = hashlib.sha256(TEXT.encode()).hexdigest()
    address = server.put("/a.txt", TEXT.encode())
    assert locate(f"{address}#sha256={right}").read_text() == TEXT
    with pytest.raises(UserError, match=r"cannot be downloaded: 127.0.0.1 sends the wrong bytes"):
        locate(f"{address}#sha256={'0' * 64}")


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("http://127.0.0.1:{port}/none.txt", r"none\.txt: cannot be downloaded: 127\.0\.0\.1 answers 404 Not Found\."),
        ("http://127.0.0.1:1/a.txt", r"cannot be downloaded: 127\.0\.0\.1 no connection"),
        ("http://someone:secret@127.0.0.1/a.txt", "contains a password"),
        ("http://127.0.0.1:999999/a.txt", "no address that can be asked"),
        ("memory://none/a.txt", r"memory://none/a\.txt: no such file or folder\. Check the address\."),
        ("hf://datasets/someone/none/a.txt", "not asked for, because HF_HUB_OFFLINE is set"),
        ("sesame://a/b.txt", 'no kind of address is called "sesame"'),
    ],
)
def test_what_cannot_be_had_is_told_in_a_line(server, cache, memory, monkeypatch, capsys, tmp_path, address, message):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    address = address.format(port=server.http.server_port)
    with pytest.raises(UserError, match=message) as told:
        locate(address)
    assert "secret" not in str(told.value)
    assert main(["train", "gpt", "--data", address, "--runs", str(tmp_path / "runs")]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("missing", "address", "message"),
    [
        (
            "fsspec.core",
            "s3://bucket/a.txt",
            r's3 addresses need fsspec\. Install it with: pip install "groundup\[remote\]"',
        ),
        ("s3fs", "s3://bucket/a.txt", r"s3 addresses need s3fs\. Install it with: pip install s3fs"),
        (
            "huggingface_hub",
            "hf://datasets/a/b/c.txt",
            r"hf addresses need huggingface_hub\. .* pip install huggingface_hub",
        ),
        (
            "fsspec.implementations.http",
            "http://127.0.0.1:1/",
            r"http addresses need aiohttp\. Install it with: pip install aiohttp",
        ),
    ],
)
def test_what_is_not_installed_is_named(cache, monkeypatch, missing, address, message):
    known = sys.modules["fsspec.registry"]._registry
    monkeypatch.delitem(known, address.partition(":")[0], raising=False)
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(UserError, match=message):
        locate(address)


def test_a_folder_is_read_whole(cache, memory):
    for name in ("b/c.txt", "a.txt", ".hidden.txt", "b/._c.txt"):
        memory.pipe(f"/texts/{name}", name.encode())
    assert read_text("memory://texts").content == "a.txt\n\nb/c.txt"
    assert read_text("memory://texts/*.txt").content == "a.txt"
    memory.pipe("/texts/d.txt", b"new")
    assert read_text("memory://texts").content == "a.txt\n\nb/c.txt"
    assert main(["data", "remove", "memory://texts"]) == 0
    assert read_text("memory://texts").content == "a.txt\n\nb/c.txt\n\nnew"


def test_a_folder_over_http_is_read_whole(folder_server, cache):
    folder, address = folder_server
    (folder / "a.txt").write_text("a")
    (folder / "b.txt").write_text("b")
    assert read_text(address).content == "a\n\nb"


def test_a_member_of_an_archive(cache, memory):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("in/a.txt", TEXT)
        file.writestr("in/b.txt", "b")
    memory.pipe("/x.zip", packed.getvalue())
    assert locate("zip://in/a.txt::memory://x.zip").read_text() == TEXT
    assert read_text("zip://in::memory://x.zip").content == f"{TEXT}\n\nb"


def test_a_broken_download_goes_on_unless_the_file_is_another(cache, memory, tmp_path, monkeypatch):
    content = bytes(range(256)) * 2000
    memory.pipe("/a.bin", content)
    monkeypatch.setattr("groundup.data.named.downloading.WAITS", (0.0,))
    opened, real = [], memory.open

    class Breaking:
        def __init__(self, file, most):
            self.file, self.most = file, most

        def seek(self, place):
            opened.append(place)
            return self.file.seek(place)

        def read(self, count):
            if self.most <= 0:
                raise ConnectionResetError("gone")
            self.most -= count
            return self.file.read(count)

    limits = [100_000, 200_000, 10**9]

    def open_breaking(path, mode, **options):
        if mode == "wb":
            return real(path, mode, **options)
        return contextlib.nullcontext(Breaking(real(path, mode, **options), limits.pop(0)))

    monkeypatch.setattr(memory, "open", open_breaking)
    part = tmp_path / "a.bin.part"
    FileSystemDownloader(part).gather("memory://a.bin")
    assert part.read_bytes() == content
    assert opened[0] == 0 < opened[1] < opened[2]
    part.write_bytes(content[:1000])
    memory.pipe("/a.bin", content[::-1])
    limits.append(10**9)
    FileSystemDownloader(part).gather("memory://a.bin")
    assert part.read_bytes() == content[::-1]
    assert opened[-1] == 0


def test_a_file_of_this_computer_is_not_copied(tmp_path, cache):
    path = tmp_path / "my book.txt"
    path.write_text(TEXT)
    assert locate(path.as_uri()) == path
    assert locate(f"file://{path}") == path
    assert not cache.exists()


def test_other_content_is_another_text(cache, memory):
    """Texts in shards are known by path, size and time."""
    times = set()
    for content in (b"aaa", b"bbb", b"aaa"):
        memory.pipe("/a.txt", content)
        path = locate("memory://a.txt")
        times.add((content, path.stat().st_mtime_ns))
        assert main(["data", "remove", "memory://a.txt"]) == 0
    assert len(times) == 2
    assert len({moment for _, moment in times}) == 2


def test_a_server_that_knows_a_checksum_is_held_to_it(cache, memory, monkeypatch):
    memory.pipe("/a.txt", b"aaa")
    about = {**memory.info("/a.txt"), "lfs": {"sha256": hashlib.sha256(b"bbb").hexdigest()}}
    monkeypatch.setattr(memory, "info", lambda path: about)
    assert describe_address("memory://a.txt").files[0].checksum.startswith("sha256:3e7")
    with pytest.raises(UserError, match="sends the wrong bytes"):
        locate("memory://a.txt")


def test_every_job_takes_addresses(server, cache, memory):
    table = server.put("/families.csv", b"father,height\n" + b"".join(b"%d,%d\n" % (one, one + 3) for one in range(50)))
    assert open_table(table).names == ["father", "height"]
    rows = "".join(f"{word} {number}\t{label}\n" for number in range(20) for word, label in (("good", 1), ("bad", 0)))
    memory.pipe("/reviews.tsv", f"sentence\tlabel\n{rows}".encode())
    assert len(load_splits("memory://reviews.tsv").train) == 32
    picture = io.BytesIO()
    from PIL import Image

    Image.new("L", (28, 28), 200).save(picture, "png")
    for label in "01":
        for number in range(12):
            memory.pipe(f"/digits/{label}/{number}.png", picture.getvalue())
    assert {*load_images("memory://digits")[0].labels.tolist()} == {0, 1}


def test_a_run_keeps_the_address(server, cache, tmp_path, capsys):
    address = server.put("/a.txt", TEXT.encode())
    tiny = [f"--set={pair}" for pair in ("layers=1", "heads=2", "width=16", "context=8", "batch_size=4", "steps=2")]
    runs = ["--runs", str(tmp_path / "runs")]
    assert main(["train", "gpt", "--data", address, *runs, "--run", "a", *tiny]) == 0
    assert json.loads((tmp_path / "runs" / "a" / "config.json").read_text())["data"] == address
    assert main(["data", "remove", address]) == 0
    assert main(["evaluate", "a", *runs]) == 0
    assert len(server.log) == 2
    server.http.shutdown()
    capsys.readouterr()
    assert main(["train", "--run", "a", "--resume", *runs]) == 0
    assert main(["data", "list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert listed["addresses"] == [{"address": address, "bytes": len(TEXT.encode())}]
