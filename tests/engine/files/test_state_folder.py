"""Folders for users as they are: without a home, with one that may not be written, with a state folder of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.errors import AmeublementError
from engine.files.paths import ROOT
from engine.files.state_folder import (
    DEFAULT_PORT,
    STATE_VARIABLE,
    StateFolder,
    base_folder,
    default_state_folder,
    user_folder,
)


def test_xdg_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/somewhere")
    assert default_state_folder(DEFAULT_PORT) == Path("/somewhere/ameublement")
    assert default_state_folder(9300) == Path("/somewhere/ameublement-9300")
    monkeypatch.setenv("XDG_STATE_HOME", "not/absolute")
    monkeypatch.setenv("HOME", "/tmp")
    assert default_state_folder(DEFAULT_PORT) == Path("/tmp/.local/state/ameublement")


def test_systemd_names_a_folder_for_the_first_and_one_in_it_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATE_DIRECTORY", "/var/lib/a:/var/lib/b")
    assert default_state_folder(DEFAULT_PORT) == Path("/var/lib/a")
    assert default_state_folder(9200) == Path("/var/lib/a/ameublement-9200")


def test_one_installation_at_a_time(tmp_path: Path) -> None:
    one, other = StateFolder(tmp_path / "state"), StateFolder(tmp_path / "state")
    assert one.claim() == ""
    assert one.path.stat().st_mode & 0o777 == 0o700
    with pytest.raises(AmeublementError, match="--state"):
        other.claim()
    one.release()
    assert other.claim() == ""
    other.release()


def test_a_folder_that_cannot_be_made_is_said_and_no_reason_not_to_play() -> None:
    folder = StateFolder(Path("/proc/none/state"))
    assert "the music plays" in folder.claim()
    folder.release()


def test_a_home_that_may_not_be_written_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    (tmp_path / "file").touch()
    monkeypatch.setenv("HOME", str(tmp_path / "file"))
    found = base_folder("XDG_STATE_HOME", ".local/state")
    assert found.name == f"ameublement-{os.getuid()}"


def test_a_state_folder_that_run_was_given_holds_what_is_the_users(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(STATE_VARIABLE, str(tmp_path))
    assert user_folder("moods") == tmp_path / "moods"


NOBODY = """
import os, pwd

def nobody(uid):
    raise KeyError(f"getpwuid(): uid not found: {uid}")

pwd.getpwuid = nobody
may = os.access
os.access = lambda path, mode, **more: may(path, mode, **more) and not (mode & os.W_OK and "engine" in str(path))
"""


@pytest.mark.parametrize("command", [["moods"], ["day", "gallery"], ["install-service", "--user-unit", "--print"]])
@pytest.mark.parametrize("home", ["/nonexistent", None])
def test_a_user_without_a_home_or_an_entry_in_passwd_can_use_commands(
    command: list[str], home: str | None, tmp_path: Path
) -> None:
    """Code that may be read but not written, too: compiled loops find a place."""
    code = f"""{NOBODY}
from engine.cli.__main__ import main
try:
    main({command!r})
finally:
    print(os.environ["NUMBA_CACHE_DIR"])
"""
    environment = {"PATH": os.environ["PATH"], "TMPDIR": str(tmp_path)} | ({"HOME": home} if home else {})
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stderr
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1].endswith("/ameublement/compiled")
