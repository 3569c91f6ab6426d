"""The catalogue: every built-in entry is whole, and what is wrong in one's own file is told with its place."""

import re
from urllib.parse import urlsplit

import pytest

from groundup.base.errors import UserError
from groundup.data.named import catalogue
from groundup.data.named.catalogue import BUILT_IN, find_entry, read_catalogue, read_catalogue_file
from groundup.tasks.registry import find_about, list_tasks

ENTRIES = read_catalogue_file(BUILT_IN)[1]

GOOD = """
[letters]
about = "letters"
task = "gpt"
licence = "CC0"
homepage = "http://a.org"
[[letters.files]]
name = "letters.txt"
size = 3
checksum = "md5:900150983cd24fb0d6963f7d28e17f72"
urls = ["http://a.org/letters.txt"]
"""


@pytest.mark.parametrize("name", ENTRIES)
def test_every_built_in_entry_is_whole(name):
    entry = ENTRIES[name]
    assert entry.checked
    assert entry.size
    assert urlsplit(entry.homepage).scheme in ("http", "https")
    for file in entry.files:
        assert re.fullmatch(r"sha256:[0-9a-f]{64}", file.checksum), "md5 is for catalogues that know nothing better"
        assert len(set(file.urls)) == len(file.urls)
        assert entry.disk or not file.unpack
        assert all(" " not in url for url in file.urls)
    produced = {path for file in entry.files for path in (file.members.values() if file.unpack else [file.name])}
    assert entry.use in produced or (entry.use == "." and len(produced) > 1)
    assert entry.example.startswith(f"groundup train {entry.task} --data {name}")


def test_no_name_hides_a_built_in_source():
    assert not ENTRIES.keys() & {name for about in list_tasks() for name in about.built_in}


def test_addresses_in_repositories_are_of_one_version():
    """A branch moves; a commit stays."""
    for entry in ENTRIES.values():
        for url in (url for file in entry.files for url in file.urls):
            if "raw.githubusercontent.com" in url or "cdn.jsdelivr.net" in url:
                assert re.search(r"[/@][0-9a-f]{40}/", url), url


@pytest.fixture
def own(tmp_path, monkeypatch):
    def write(text):
        path = tmp_path / "own.toml"
        path.write_text(text)
        monkeypatch.setenv("GROUNDUP_CATALOGUE", str(path))
        return path

    return write


def test_ones_own_entries_are_added_and_win(own):
    own(GOOD + GOOD.replace("letters", "mnist"))
    catalogue = read_catalogue()
    assert catalogue["letters"].files[0].checksum.startswith("md5:")
    assert catalogue["mnist"].about == "mnist"
    assert "sst2" in catalogue


def test_a_mirror_is_asked_first_for_every_file(own):
    own('mirror = "http://10.0.0.1:8000/"')
    entry = find_entry("tiny-shakespeare")
    assert entry.files[0].urls[0] == "http://10.0.0.1:8000/tiny-shakespeare/input.txt"
    assert entry.files[0].urls[1:] == ENTRIES["tiny-shakespeare"].files[0].urls


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("[letters]", "[Letters]"), 'a name is made of a to z, digits, ".", "_" and "-"'),
        (('task = "gpt"', 'task = "gtp"'), 'no task "gtp"'),
        (('licence = "CC0"\n', ""), '"licence" is missing'),
        (('licence = "CC0"', 'license = "CC0"'), 'Did you mean "licence"?'),
        (('name = "letters.txt"', 'name = "../letters.txt"'), '"name" must be a plain file name'),
        (("size = 3", "size = -3"), '"size" has a value of the wrong kind'),
        (("size = 3", 'size = "3"'), '"size" has a value of the wrong kind'),
        (("size = 3", "size = true"), '"size" has a value of the wrong kind'),
        (("md5:9001", "md5:"), "the checksum is not sha256: and 64 hexadecimal digits"),
        (("md5:", "crc:"), "the checksum is not sha256: and 64 hexadecimal digits"),
        (("http://a.org/letters.txt", "ftp://a.org/letters.txt"), "must be an http or https address"),
        (("http://a.org/letters.txt", "file:///etc/passwd"), "must be an http or https address"),
        (('urls = ["http://a.org/letters.txt"]', ""), "must be an http or https address"),
        (("size = 3", 'size = 3\nunpack = "rar"'), 'unpack "rar" is not known'),
        (("size = 3", 'size = 3\nunpack = "zip"\nmembers = { a = "../a" }'), 'place "../a" leads out'),
        (("size = 3", 'size = 3\nunpack = "zip"\nmembers = { a = 3 }'), 'place "3" leads out'),
        (('task = "gpt"', 'task = "gpt"\nuse = "/etc/passwd"'), 'use "/etc/passwd" leads out'),
        (("[letters]", "mirrors = 3\n[letters]"), "is a table, written [mirrors]"),
        (("[letters]", 'mirror = "nowhere"\n[letters]'), '"nowhere" is no address'),
        (("[letters]", 'mirror = "http://[::1"\n[letters]'), '"http://[::1" is no address'),
        (("http://a.org/letters.txt", "http://[::1"), "must be an http or https address"),
        (("http://a.org/letters.txt", "http://a.org:99999/letters.txt"), "must be an http or https address"),
        (("http://a.org/letters.txt", "http://a.org/let\\u0000ters.txt"), "must be an http or https address"),
        (("[letters]", "[letters"), "no catalogue that can be read"),
        (("[letters]", f"deep = {'[' * 100_000}\n[letters]"), "no catalogue that can be read (nested too deep)"),
    ],
)
def test_what_is_wrong_in_a_catalogue_is_told_with_its_place(own, change, told):
    path = own(GOOD.replace(*change))
    with pytest.raises(UserError) as error:
        read_catalogue()
    assert told in str(error.value)
    assert str(error.value).startswith(str(path))
    assert "\n" not in str(error.value)


def test_two_files_of_one_name_are_refused(own):
    own(GOOD + GOOD[GOOD.index("[[") :])
    with pytest.raises(UserError, match="two files have the same name"):
        read_catalogue()


def test_a_missing_catalogue_is_told(monkeypatch):
    monkeypatch.setenv("GROUNDUP_CATALOGUE", "/no/such/file.toml")
    with pytest.raises(UserError, match=r"/no/such/file.toml: no catalogue .*unset GROUNDUP_CATALOGUE"):
        read_catalogue()


@pytest.mark.parametrize(("name", "near"), [("mnits", "mnist"), ("Shakespeare", "tiny-shakespeare"), ("sst-2", "sst2")])
def test_a_name_spelled_wrong_leads_to_the_right_one(name, near):
    with pytest.raises(UserError, match=rf"Did you mean .*{near}"):
        find_entry(name)


def test_every_entrys_task_reads_its_kind_of_data():
    assert all(entry.kind == find_about(entry.task).data[0] for entry in ENTRIES.values())


def test_a_catalogue_from_before_there_were_kinds_is_still_read(own):
    own(GOOD.replace('task = "gpt"', 'task = "heights"'))
    assert find_entry("letters").kind == "table"
    own(GOOD.replace('task = "gpt"', 'task = "classification"\nkind = "table"'))
    assert find_entry("letters").kind == "table"
    own(GOOD.replace('task = "gpt"', 'task = "gpt"\nkind = "tabel"'))
    with pytest.raises(UserError, match='no kind "tabel"'):
        read_catalogue()


def test_our_own_catalogue_is_read_once_and_a_caller_cannot_change_it(monkeypatch):
    read = []
    monkeypatch.setattr(catalogue, "read_catalogue_file", lambda path: read.append(path) or (None, dict(ENTRIES)))
    catalogue._read_built_in.cache_clear()
    try:
        read_catalogue().clear()
        assert read_catalogue() == ENTRIES
    finally:
        catalogue._read_built_in.cache_clear()
    assert read == [BUILT_IN]
