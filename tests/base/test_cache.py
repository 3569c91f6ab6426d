"""Where downloads and shards are kept."""

import pytest
from platformdirs.macos import MacOS
from platformdirs.unix import Unix

from groundup.base import cache
from groundup.base.cache import cache_folder


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """Return a home of its own, without any setting."""
    for name in ("GROUNDUP_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    choose_system(monkeypatch, Unix)
    return tmp_path


def choose_system(monkeypatch, kind):
    monkeypatch.setattr(cache, "user_cache_path", lambda *words, **more: kind(*words, **more).user_cache_path)


def test_without_a_setting_it_is_the_systems_place(home, monkeypatch):
    assert cache_folder() == home / ".cache" / "groundup"
    choose_system(monkeypatch, MacOS)
    assert cache_folder() == home / "Library" / "Caches" / "groundup"


def test_the_environment_chooses(home, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "xdg"))
    assert cache_folder() == home / "xdg" / "groundup"
    monkeypatch.setenv("GROUNDUP_CACHE", "~/own")
    assert cache_folder() == home / "own"


def test_what_lies_in_the_old_place_is_used_until_there_is_a_new_one(home, monkeypatch):
    choose_system(monkeypatch, MacOS)
    (home / ".cache" / "groundup").mkdir(parents=True)
    assert cache_folder() == home / ".cache" / "groundup"
    (home / "Library" / "Caches" / "groundup").mkdir(parents=True)
    assert cache_folder() == home / "Library" / "Caches" / "groundup"
