"""Downloads from servers that break off, lie, stall and redirect: whole and right, or one line and nothing."""

import gzip
import hashlib
import random
import shutil
import socket
from collections import namedtuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from groundup.base.errors import UserError
from groundup.data.named import downloading
from groundup.data.named.catalogue import find_entry
from groundup.data.named.downloading import Watch
from groundup.data.named.fetching import get_data, remove_data
from groundup.data.named.resolve import data_folder, downloads_folder, is_ready

CONTENT = random.Random(0).randbytes(300_000)
OTHER = random.Random(1).randbytes(300_000)


class Heard(Watch):
    def __init__(self):
        self.said, self.begun = [], []

    def say(self, text):
        self.said.append(text)

    def begin(self, name, size, done):
        self.begun.append(done)


@pytest.fixture
def get(server, catalogue):
    """Return a function that gets one file from mirrors that behave as told, and what it heard."""

    def get(*mirrors, content=CONTENT, seconds=5.0, served=CONTENT, **options):
        urls = [server.put(f"/{number}", served, *behaviours) for number, behaviours in enumerate(mirrors)]
        entry = catalogue("one", [("one.bin", content, urls, {})], use="one.bin", **options)
        watch = Heard()
        folder = get_data(entry, watch, seconds=seconds)
        assert (folder / "one.bin").read_bytes() == content
        assert is_ready(entry)
        assert {path.name for path in downloads_folder(entry).iterdir()} == {"one.bin"}
        return watch

    return get


@pytest.fixture
def refuse(get, cache):
    """Return a function that fails to get one file, leaves nothing under its name and says why in one line."""

    def refuse(*mirrors, **options):
        with pytest.raises(UserError) as error:
            get(*mirrors, **options)
        assert not (cache / "data" / "one").exists()
        assert not (cache / "downloads" / "one" / "one.bin").exists()
        assert "\n" not in str(error.value)
        assert "groundup data get one --from one.bin" in str(error.value)
        return str(error.value)

    return refuse


def asked(server):
    return [request[1] for request in server.log]


def test_a_good_server_is_asked_once_and_the_cache_answers_from_then_on(get, server):
    get([])
    assert asked(server) == [None]
    server.behaviours.clear()
    get([])
    assert asked(server) == [None]


def test_a_broken_transfer_goes_on_where_it_was_and_asks_for_the_same_version(get, server, behave):
    watch = get([behave(cut=100_000), behave(cut=200_000)])
    assert asked(server) == [None, "bytes=100000-", "bytes=200000-"]
    assert server.log[1][2] == server.log[2][2] == f'"{hashlib.md5(CONTENT).hexdigest()}"'
    assert watch.begun == [0, 100_000, 200_000]


def test_a_server_without_ranges_sends_the_whole_file(get, server, behave):
    get([behave(cut=100_000), behave(ranges=False)])
    assert asked(server) == [None, "bytes=100000-"]


def test_another_version_is_not_put_behind_the_first_part(server, get, behave, catalogue):
    def changed(handler, content):
        server.contents["/0"] = CONTENT
        behave()(handler, CONTENT)

    get([behave(cut=100_000), changed], served=OTHER)
    assert asked(server) == [None, "bytes=100000-"]


def test_a_wrong_first_part_is_thrown_away(get, server, cache):
    part = cache / "downloads" / "one" / "one.bin.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(OTHER[:1000])
    watch = get([])
    assert asked(server) == ["bytes=1000-", None]
    assert any("do not fit together" in line for line in watch.said)


def test_a_whole_part_needs_no_network(get, server, cache):
    part = cache / "downloads" / "one" / "one.bin.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(CONTENT)
    get([])
    assert asked(server) == []


def test_a_part_that_is_too_long_is_downloaded_anew(get, server, cache):
    part = cache / "downloads" / "one" / "one.bin.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(CONTENT + b"more")
    get([])
    assert asked(server) == [None]


def test_a_whole_part_of_unknown_size_is_recognised_by_the_server_having_no_more(get, server, cache):
    part = cache / "downloads" / "one" / "one.bin.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(CONTENT)
    get([], sized=False)
    assert asked(server) == ["bytes=300000-"]


def test_another_part_than_was_asked_for_is_refused_and_the_whole_file_taken(get, server, behave):
    get([behave(cut=100_000), behave(shift=7)])
    assert asked(server) == [None, "bytes=100000-", None]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"length": 5}, "offers 5 bytes, expected 300,000"),
        ({"length": 999_999}, "offers 999,999 bytes, expected 300,000"),
        ({"length": "none", "cut": 5}, "stopped after 5 of 300,000 bytes (4 times)"),
        ({"cut": 0}, "stopped after 0 bytes of 300,000 (4 times)"),
    ],
)
def test_a_lie_about_the_length_leads_to_the_next_mirror(get, server, behave, options, reason):
    watch = get([behave(**options)] * 9, [])
    assert watch.said[-1] == f"one.bin: 127.0.0.1 {reason}; trying 127.0.0.1."
    assert server.log[-1][0] == "/1"


def test_more_bytes_than_belong_are_refused(refuse, behave):
    message = refuse([behave(length="none")], served=CONTENT + b"more")
    assert "sends more than the 300,000 bytes that were expected" in message


def test_a_missing_length_is_fine(get, behave):
    get([behave(length="none")])
    get([behave(length="none")], sized=False)


def test_wrong_bytes_never_get_the_name(refuse, server):
    assert "sends the wrong bytes (its SHA256 differs)" in refuse([], [], served=OTHER)
    assert [path for path, *_ in server.log] == ["/0", "/1"]


def test_wrong_bytes_from_one_mirror_do_no_harm_to_the_next(server, catalogue):
    urls = [server.put("/bad", OTHER), server.put("/good", CONTENT)]
    entry = catalogue("one", [("one.bin", CONTENT, urls, {})])
    watch = Heard()
    assert (get_data(entry, watch) / "one.bin").read_bytes() == CONTENT
    assert watch.said == ["one.bin: 127.0.0.1 sends the wrong bytes (its SHA256 differs); trying 127.0.0.1."]


def test_the_next_mirror_goes_on_with_the_part_of_the_first(get, server, behave, answer):
    get([behave(cut=100_000), answer(404)], [])
    assert server.log[-1] == ("/1", "bytes=100000-", None)


@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "application/octet-stream"])
def test_a_login_page_is_recognised_by_its_type_and_by_its_look(refuse, server, answer, kind):
    page = b"\n<!DOCTYPE html><title>Welcome to the airport</title>".ljust(300_000)
    message = refuse([answer(200, page, Content_Type=kind)] * 9)
    assert "sends a web page instead of the file, perhaps the login page of this network" in message
    assert len(server.log) == 1


def test_a_web_page_that_is_wanted_is_taken(server, catalogue, answer):
    page = b"<html>a book</html>"
    url = server.put("/book", page, answer(200, page, Content_Type="text/html"))
    entry = catalogue("book", [("book.html", page, [url], {})])
    assert (get_data(entry) / "book.html").read_bytes() == page


def test_a_server_that_hangs_up_before_it_answers_is_asked_again(get, server, refuse):
    get([lambda handler, content: None] * 2)
    assert len(server.log) == 3
    remove_data(find_entry("one"))
    assert "the connection broke before an answer came (4 times)" in refuse([lambda handler, content: None] * 9)


def test_a_proxy_that_is_not_there_is_told(refuse, server, monkeypatch):
    monkeypatch.delenv("NO_PROXY")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert "the proxy of this network does not let it through" in refuse([])


def test_a_server_without_encryption_under_a_safe_address_is_told(server, catalogue):
    url = server.put("/one", CONTENT).replace("http:", "https:")
    entry = catalogue("one", [("one.bin", CONTENT, [url], {})])
    with pytest.raises(UserError, match="gives no secure connection"):
        get_data(entry)


def test_a_network_that_wants_a_login_says_so(refuse, answer):
    assert "this network wants a login first" in refuse([answer(511)])


def test_a_silent_server_is_left_after_a_while_and_gone_on_with(get, server, behave):
    watch = get([behave(cut=100_000), behave(pause=lambda: server.released.wait(20))], seconds=0.3)
    assert asked(server)[:3] == [None, "bytes=100000-", "bytes=116384-"]
    assert watch.begun == [0, 100_000, 116_384]


def test_a_server_that_never_answers_is_told(refuse, server):
    silent = [lambda handler, content: server.released.wait(20)] * 9
    assert "no answer within 0.2 s (4 times)" in refuse(silent, seconds=0.2)


def test_redirects_are_followed(server, catalogue, answer):
    server.put("/far", CONTENT)
    url = server.put("/near", None, answer(302, Location="/further"))
    server.put("/further", None, answer(307, Location=server.url("/far")))
    entry = catalogue("one", [("one.bin", CONTENT, [url], {})])
    get_data(entry)
    assert [path for path, *_ in server.log] == ["/near", "/further", "/far"]


def test_a_circle_of_redirects_ends(refuse, server, answer):
    assert "redirects more than 10 times" in refuse([answer(302, Location="/0")] * 99)
    assert len(server.log) == 11


@pytest.mark.parametrize(("status", "words"), [(404, "Not Found"), (403, "Forbidden"), (410, "Gone")])
def test_a_lasting_no_leads_to_the_next_mirror_at_once(get, server, answer, status, words):
    watch = get([answer(status)] * 9, [])
    assert len(server.log) == 2
    assert watch.said == [f"one.bin: 127.0.0.1 answers {status} {words}; trying 127.0.0.1."]


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_passing_no_is_asked_again(get, server, answer, status):
    get([answer(status), answer(status, Retry_After="0"), answer(status)])
    assert len(server.log) == 4


def test_a_passing_no_that_lasts_is_told(refuse, server, answer):
    assert "answers 503 Service Unavailable (4 times)" in refuse([answer(503)] * 99)
    assert len(server.log) == 4


def test_every_mirror_that_failed_is_told_with_its_reason(refuse, answer):
    message = refuse([answer(404)], [answer(403)])
    assert "one.bin cannot be downloaded: 127.0.0.1 answers 404 Not Found; 127.0.0.1 answers 403 Forbidden." in message


def test_no_server_at_all_is_told_with_what_to_do(catalogue, cache):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/one.bin"
        entry = catalogue("one", [("one.bin", CONTENT, [url, "http://no.such.host.invalid/one.bin"], {})])
        with pytest.raises(UserError, match="no connection") as error:
            get_data(entry)
    assert "no.such.host.invalid" in str(error.value)
    assert f"download {url} on any computer" in str(error.value)
    assert str(cache / "downloads" / "one") in str(error.value)


def test_a_file_put_into_the_cache_by_hand_is_taken_and_a_wrong_one_replaced(get, server, cache):
    by_hand = cache / "downloads" / "one" / "one.bin"
    by_hand.parent.mkdir(parents=True)
    by_hand.write_bytes(CONTENT)
    get([])
    assert asked(server) == []
    shutil.rmtree(cache)
    by_hand.parent.mkdir(parents=True)
    by_hand.write_bytes(OTHER)
    get([])
    assert asked(server) == [None]


def test_what_a_server_packs_on_the_way_is_unpacked(server, catalogue, behave):
    packed = gzip.compress(CONTENT)
    url = server.put("/gz", packed, behave(headers=[("Content-Encoding", "gzip")]))
    entry = catalogue("one", [("one.bin", CONTENT, [url], {})])
    assert (get_data(entry) / "one.bin").read_bytes() == CONTENT


def test_without_a_checksum_a_part_of_unknown_version_is_not_gone_on_with(get, server, behave):
    watch = get([behave(cut=100_000, etag=False)], checked=False)
    assert asked(server) == [None, None]
    assert watch.said[-1].startswith("one: no checksum is known")


def test_a_disk_too_small_is_told_before_anything_comes(get, server, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10**6, 10**6 - 5000, 5000))
    with pytest.raises(UserError, match=r"one needs 300.0 kB more in .*, where 5.0 kB are free"):
        get([])
    assert server.log == []


def test_a_damaged_cache_is_put_right_by_getting_it_again(get, server, cache):
    get([])
    (cache / "data" / "one" / "one.bin").write_bytes(b"short")
    get([])
    assert len(server.log) == 2


def test_removing_gives_the_space_back(get, cache):
    get([])
    entry = find_entry("one")
    assert remove_data(entry) >= 300_000
    assert not data_folder(entry).exists()
    assert not downloads_folder(entry).exists()
    assert remove_data(entry) == 0


MOODS = st.sampled_from(
    ["cut", "wrong", "503", "404", "html", "long", "short", "shift", "good", "no_etag", "no_ranges"]
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moods=st.lists(st.tuples(MOODS, st.floats(0, 1)), max_size=7), mirrors=st.integers(1, 2))
def test_whatever_servers_do_only_the_right_bytes_get_the_name(moods, mirrors, server, catalogue, behave, answer):
    """A law: after any row of misdeeds the data is right, or there is none and one line says so."""

    def make(mood, share):
        return {
            "cut": behave(cut=share),
            "no_ranges": behave(ranges=False),
            "wrong": lambda handler, content: behave()(handler, OTHER),
            "503": answer(503),
            "404": answer(404),
            "html": answer(200, b"<html>", Content_Type="text/html"),
            "long": behave(length=400_000),
            "short": behave(length=int(share * 299_999)),
            "shift": behave(shift=1),
            "good": behave(),
            "no_etag": behave(etag=False, cut=share),
        }[mood]

    behaviours = [make(*mood) for mood in moods]
    urls = [server.put(f"/{number}", CONTENT, *behaviours[number::mirrors]) for number in range(mirrors)]
    entry = catalogue("one", [("one.bin", CONTENT, urls, {})])
    remove_data(entry)
    told = None
    try:
        get_data(entry)
    except UserError as error:
        told = str(error)
    if told is None:
        assert (data_folder(entry) / "one.bin").read_bytes() == CONTENT
    else:
        assert "\n" not in told
        assert not data_folder(entry).exists()
        assert not (downloads_folder(entry) / "one.bin").exists()


def test_tries_end_for_a_server_that_always_starts_anew_and_breaks_off_now_later_now_earlier(refuse, server, behave):
    message = refuse([behave(ranges=False, cut=count) for count in (200_000, 100_000) * 50])
    assert "stopped after" in message
    assert len(server.log) == 5  # one that brought something new, four that did not


def test_tries_and_waits_end_for_a_server_that_gives_one_byte_at_a_time(get, server, behave, monkeypatch):
    monkeypatch.setattr(downloading, "CHUNK", 16)
    small = CONTENT[:64]
    get([behave(cut=count) for count in range(1, 64)], content=small, served=small)
    assert len(server.log) == 64
