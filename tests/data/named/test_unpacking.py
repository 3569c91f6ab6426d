"""Archives unpacked: what is in them, and nothing outside the folder whatever they say."""

import gzip
import io
import stat
import tarfile
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from groundup.base.errors import UserError
from groundup.data.named.catalogue import is_inside
from groundup.data.named.unpacking import unpack

TEXT = b"she sells sea shells\n" * 50


@pytest.fixture
def make(tmp_path):
    """Return a function that writes an archive of members ``name → content`` and gives its path."""

    def make(kind, members, mode="w:gz"):
        path = tmp_path / f"archive.{kind}"
        if kind == "zip":
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
                for name, content in members.items():
                    file.writestr(name, content)
        elif kind == "tar":
            with tarfile.open(path, mode) as file:
                for name, content in members.items():
                    info = tarfile.TarInfo(name)
                    info.size = len(content)
                    file.addfile(info, io.BytesIO(content))
        else:
            path = tmp_path / f"{next(iter(members))}.gz"
            path.write_bytes(gzip.compress(next(iter(members.values()))))
        return path

    return make


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "inner" / "folder"
    folder.mkdir(parents=True)
    return folder


@pytest.mark.parametrize("kind", ["zip", "tar", "gz"])
def test_all_members_are_unpacked(make, folder, kind):
    members = {"a.txt": TEXT} if kind == "gz" else {"a.txt": TEXT, "deep/er/b.txt": b"b"}
    written = unpack(make(kind, members), kind, {}, folder, 10_000)
    assert {str(path.relative_to(folder)): path.read_bytes() for path in written} == members


@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_only_the_wanted_members_are_unpacked_under_their_new_names(make, folder, kind):
    archive = make(kind, {"raw/a.txt": TEXT, "raw/b.txt": b"b"})
    unpack(archive, kind, {"raw/a.txt": "a.txt"}, folder, 10_000)
    assert [path.name for path in folder.iterdir()] == ["a.txt"]


def test_a_gzip_file_is_named_as_wished(make, folder):
    unpack(make("gz", {"a.txt": TEXT}), "gz", {"a.txt": "b.txt"}, folder, 10_000)
    assert (folder / "b.txt").read_bytes() == TEXT


@pytest.mark.parametrize("kind", ["zip", "tar"])
@pytest.mark.parametrize("name", ["../out.txt", "/tmp/groundup-out.txt", "a/../../out.txt", "..", "C:\\out.txt"])
def test_a_member_that_leads_out_is_refused(make, folder, kind, name, tmp_path):
    archive = make(kind, {name: TEXT})
    with pytest.raises(UserError, match="would be written outside the folder"):
        unpack(archive, kind, {}, folder, 10_000)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [archive]


@pytest.mark.parametrize("target", ["/etc/passwd", "../secret"])
@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_in_a_tar_are_refused(tmp_path, folder, kind, target):
    archive = tmp_path / "a.tar"
    with tarfile.open(archive, "w") as file:
        info = tarfile.TarInfo("innocent.txt")
        info.type, info.linkname = kind, target
        file.addfile(info)
    with pytest.raises(UserError, match="is a link or a device"):
        unpack(archive, "tar", {}, folder, 10_000)


def test_a_link_in_a_zip_is_refused(tmp_path, folder):
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as file:
        info = zipfile.ZipInfo("innocent.txt")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        file.writestr(info, "/etc/passwd")
    with pytest.raises(UserError, match="is a link"):
        unpack(archive, "zip", {}, folder, 10_000)


@pytest.mark.parametrize("kind", ["zip", "tar", "gz"])
def test_a_bomb_is_stopped(make, folder, kind):
    archive = make(kind, {"zeros": bytes(10_000_000)})
    with pytest.raises(UserError, match="unpacks to more than 1,000,000 bytes"):
        unpack(archive, kind, {}, folder, 1_000_000)
    assert (folder / "zeros").stat().st_size <= 1_000_000


@pytest.mark.parametrize("kind", ["zip", "tar", "gz"])
@pytest.mark.parametrize("share", [0.0, 0.5, 0.9])
def test_a_damaged_archive_is_told(make, folder, kind, share):
    archive = make(kind, {"a.txt": bytes(range(256)) * 40})
    content = archive.read_bytes()
    archive.write_bytes(content[: int(share * len(content))] if share else b"no archive at all")
    with pytest.raises(UserError, match="a damaged archive") as error:
        unpack(archive, kind, {}, folder, 100_000)
    assert "\n" not in str(error.value)


def test_a_missing_member_is_told(make, folder):
    with pytest.raises(UserError, match=r'no "b\.txt" in it'):
        unpack(make("zip", {"a.txt": TEXT}), "zip", {"b.txt": "b.txt"}, folder, 10_000)


def test_two_members_of_one_name_are_refused(make, folder):
    with pytest.raises(UserError, match="two of its members have the same name"):
        unpack(make("zip", {"a": b"1", "b": b"2"}), "zip", {"a": "same", "b": "same"}, folder, 10_000)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.sampled_from("ab./\\:\0é "), min_size=1, max_size=12))
def test_what_counts_as_inside_is_inside(tmp_path, text):
    """A law: a name that is let through never resolves to a place outside."""
    if is_inside(text):
        assert (tmp_path / text).resolve().is_relative_to(tmp_path.resolve())
