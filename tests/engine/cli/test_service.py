"""The unit that `install-service` writes: what systemd thinks of it, and what it says of Ameublement."""

from __future__ import annotations

import configparser
import os
import re
import shlex
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from engine.cli import service as commands
from engine.cli.__main__ import main
from engine.supervision import systemd_unit as service_module
from engine.supervision.monitoring.sound_watchdog import SoundWatchdog
from engine.supervision.monitoring.status_publisher import StatusPublisher
from engine.supervision.statistics import Statistics
from engine.supervision.systemd_unit import Service

ARGUMENTS = ("--mood", "night", "--device", 'USB "Audio" 50%', "--port", "9300")


def unit(system: bool, *arguments: str) -> str:
    return Service("ameublement", system, "satie", arguments).text()


def settings(text: str) -> configparser.SectionProxy:
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(text)
    return parser["Service"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
@pytest.mark.parametrize("arguments", [(), ARGUMENTS, ("--listen",)])
def test_systemd_takes_it_and_finds_it_shut_off(arguments: tuple[str, ...], tmp_path: Path) -> None:
    path = tmp_path / "ameublement.service"
    path.write_text(unit(True, *arguments).replace("User=satie", "User=root"))
    done = subprocess.run(["systemd-analyze", "verify", str(path)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    command = ["systemd-analyze", "security", "--offline=yes", str(path)]
    judged = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    exposure = re.search(r"exposure level for \S+: ([\d.]+)", judged)
    assert exposure
    assert float(exposure[1]) < 3.5


ODD_FOLDERS = (
    "plain",
    "two words",
    "50%",
    "it's",
    'a "quoted" one',
    "back\\slash",
    "$HOME",
    "é ü",
    "semi;colon",
    "[x]",
    "#1",
)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
@pytest.mark.parametrize("name", ODD_FOLDERS)
def test_systemd_takes_an_installation_in_any_folder(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / name
    (root / ".venv" / "bin").mkdir(parents=True)
    python = root / ".venv" / "bin" / "python"
    python.write_text('#!/bin/sh\nprintf \'%s\\n\' "$0" "$@"\n')
    python.chmod(0o755)
    monkeypatch.setattr(service_module, "ROOT", root)
    monkeypatch.setattr(service_module, "COMMAND_LINE", (str(python), str(root / "run_installation.py")))
    text = unit(True, "--mood", "night").replace("User=satie", "User=root")
    assert f"WorkingDirectory={root}\n".replace("%", "%%") in text
    assert "ReadWritePaths" not in text, "all that is written lies in the state folder"
    path = tmp_path / "ameublement.service"
    path.write_text(text)
    done = subprocess.run(["systemd-analyze", "verify", str(path)], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.returncode == 0
    (line,) = (line for line in text.splitlines() if line.startswith("ExecStart="))
    words = shlex.split(line.removeprefix("ExecStart=").replace("$$", "$").replace("%%", "%"))
    started = subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines()
    assert started[0] == str(python)
    assert started[1] == str(root / "run_installation.py")
    assert started[-2:] == ["--mood", "night"]


@pytest.mark.parametrize("system", [True, False])
def test_what_a_unit_must_say(system: bool) -> None:
    said = settings(unit(system, *ARGUMENTS))
    assert said["Type"] == "notify"
    assert said["Restart"] == "always"
    assert said["NoNewPrivileges"] == said["PrivateTmp"] == "yes"
    assert (said["ProtectSystem"], said["ProtectHome"]) == ("strict", "read-only")
    assert int(said["WatchdogSec"]) == service_module.WATCHDOG_S
    words = shlex.split(said["ExecStart"].replace("%%", "%"))
    assert tuple(words[-len(ARGUMENTS) :]) == ARGUMENTS
    assert words[2] == "run"
    assert Path(words[1]).is_file()
    assert "StartLimitIntervalSec=0" in unit(system)


def test_the_network_is_closed_unless_asked() -> None:
    assert "IPAddressDeny=any" in unit(True)
    assert "IPAddressDeny" not in unit(True, "--listen")


def test_installed_and_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where no systemd runs it says what to do on the machine that plays."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setattr(commands, "SYSTEMD_RUNS", tmp_path / "none")
    _run("install-service", "--user-unit", "--name", "second", "--", "--mood", "night")
    path = tmp_path / "systemd" / "user" / "second.service"
    assert "--mood night" in path.read_text()
    said = capsys.readouterr().out
    assert "systemctl --user enable --now second.service" in said
    assert "enable-linger" in said
    _run("uninstall-service", "--user-unit", "--name", "second")
    assert not path.exists()
    with pytest.raises(SystemExit, match="there is no service"):
        main(["uninstall-service", "--user-unit", "--name", "second"])


def _run(*words: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main(list(words))
    assert ended.value.code == 0


def test_options_that_run_does_not_take_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    with pytest.raises(SystemExit, match="moodd"):
        main(["install-service", "--user-unit", "--", "--moodd", "night"])
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(os.geteuid() == 0, reason="root may")
def test_a_system_unit_needs_root() -> None:
    with pytest.raises(SystemExit, match="needs root"):
        main(["install-service", "--system-unit", "--print"])


class Systemd:
    """Systemd's end of the notify socket (sd_notify(3)): a real one."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self._socket.setblocking(False)

    def said(self) -> list[str]:
        """What has come since it was last asked, in order."""
        found = []
        with suppress(BlockingIOError):
            while True:
                found.append(self._socket.recv(4096).decode())
        return found

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Systemd]:
    path = tmp_path / "notify"
    monkeypatch.setenv("NOTIFY_SOCKET", str(path))
    one = Systemd(path)
    yield one
    one.close()


REPORT = {"played_s": 1.0, "hold_s": 0.0, "gap_s": 0.0, "restarts": {}, "mood": "night", "monotonic_s": 0.0}


def test_the_watchdog_is_fed_only_by_what_is_heard(tmp_path: Path, systemd: Systemd) -> None:
    publisher = StatusPublisher(tmp_path / "status.json", 0.0)
    for now_s, audible in ((0.0, False), (1.0, False), (2.0, True), (3.0, True), (4.0, False), (60.0, False)):
        publisher.publish(REPORT, audible=audible, now_s=now_s)
    assert [text for text in systemd.said() if not text.startswith("STATUS")] == ["READY=1", "WATCHDOG=1", "WATCHDOG=1"]
    publisher.close(REPORT)
    assert systemd.said()[-1] == "STOPPING=1"


def test_the_watchdog_starves_where_all_answers_and_nothing_is_heard(tmp_path: Path, systemd: Systemd) -> None:
    """The room goes on to report, now silence; systemd ends what was not heard for `WATCHDOG_S`."""
    watchdog = SoundWatchdog(Statistics(0.0))
    publisher = StatusPublisher(tmp_path / "status.json", 0.0)
    fed_s: list[float] = []
    for second in range(120):
        level_db = -25.0 - second % 3 if second < 30 else -100.0
        watchdog.take("/room/output", (float(second), level_db, level_db, -100.0), float(second))
        watchdog.look(float(second))
        publisher.publish(REPORT, audible=watchdog.audible(float(second)), now_s=float(second))
        fed_s += [float(second)] * systemd.said().count("WATCHDOG=1")
    assert fed_s[:30] == [float(second) for second in range(30)]
    assert 30.0 <= fed_s[-1] < 60.0, "a rest is no fault, but this is none"
    assert 120.0 - fed_s[-1] > service_module.WATCHDOG_S
    publisher.close(REPORT)
