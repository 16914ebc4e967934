"""The real installation, all processes together: a while in peace, then one that loses each of them."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import psutil
import pytest

from engine.cli.__main__ import main
from engine.osc.port import LOOPBACK
from engine.parameters.moods import list_moods
from tests.installation import ROOT, Running, installation, longest_quiet_s

PARTS = ("sampler", "renderer", "room")


@pytest.mark.realtime
def test_a_while_in_peace(tmp_path: Path) -> None:
    """Sound without a gap, no late reel, OSC answered, all figures there, nothing left behind."""
    with installation(tmp_path, "--minutes", "0.4", draws_all=True) as run:
        run.until(run.sounds, 20.0)
        run.until(lambda: "/mood/list" in run.heard, 2.0)
        assert set(run.heard["/mood/list"]) == set(list_moods())
        run.until(lambda: [run.heard.get(f"/lamp/{name}") for name in PARTS] == [(1.0,)] * 3, 15)

        run.say("/layer/cello/level_db", "loud")
        run.until(lambda: run.heard.get("/error", ("",))[0] == "/layer/cello/level_db", 2.0)
        rng = np.random.default_rng(1)
        for length in rng.integers(0, 200, 1000):
            run.controller.socket.sendto(rng.bytes(int(length)), (LOOPBACK, run.port))
        run.say("/stem/cello/mute", 1.0)
        run.until(lambda: run.heard.get("/stem/cello/mute") == (1,), 2.0)
        run.heard.pop("/phrase/now", None)
        run.say("/mood/morph_s", 0.0)  # else the phrase that plays may be heard out
        run.say("/mood", "night")
        run.until(lambda: "/phrase/now" in run.heard, 5.0)
        run.process.wait(45)

    assert run.process.returncode == 0, run.output()
    assert run.leftovers() == []
    figures = run.summary()
    assert figures["late_reels"] == figures["bad_reels"] == figures["nonfinite_blocks"] == 0, run.output()
    assert figures["hold_s"] == 0.0
    assert figures["longest_silence_s"] < 3.0
    assert figures["restarts"] == {"archivist": 0, "hub": 0, "renderer": 0, "room": 0, "sampler": 0, "web": 0}, (
        run.output()
    )
    assert figures["frames_played"] > 8 * 48_000
    assert figures["phrases"] >= 2
    assert figures["textures"].get("texture_1"), run.output()
    audio = run.recording()
    assert len(audio) > 8 * 48_000
    assert np.isfinite(audio).all()
    assert 0.01 < np.abs(audio).max() < 1.0
    assert longest_quiet_s(audio[:-48_000]) < 3.0
    reels = tmp_path / "runtime" / "reels"
    assert not reels.exists()


def _alive(run: object, mark: str) -> int | None:
    try:
        return run.child(mark).pid  # type: ignore[attr-defined,no-any-return]
    except (AssertionError, psutil.NoSuchProcess):
        return None


def _dead_stretches_s(audio: np.ndarray) -> list[float]:
    """Lengths of stretches of digital silence longer than 10 ms: music with reverberation has none."""
    sounding = np.flatnonzero(np.abs(audio).max(axis=1) > 1e-6)
    gaps = np.diff(sounding) / 48_000
    return [float(gap) for gap in gaps if gap > 0.01]


@pytest.mark.realtime
def test_a_renderer_that_stalls_is_bridged_by_the_hold_loop(tmp_path: Path) -> None:
    """Never a click, never silence: the room goes over into its loop, and back when there are reels again."""
    with installation(tmp_path) as run:
        run.until(run.sounds, 20.0)
        run.until(lambda: float(str(run.heard.get("/reel/lead", (0.0,))[0])) >= 4, 15.0)

        def holds_while_every_renderer_stalls() -> bool:
            with suppress(AssertionError, psutil.NoSuchProcess):  # one that is stopped is soon replaced
                run.child("engine.renderer").suspend()
            return run.heard.get("/lamp/hold") == (1.0,)

        run.until(holds_while_every_renderer_stalls, 12.0)
        with suppress(AssertionError, psutil.NoSuchProcess):
            run.child("engine.renderer").resume()
        run.until(lambda: run.heard.get("/lamp/hold") == (0.0,), 20.0)
        time.sleep(1.0)
        _ends_with_nothing_left(run, signal.SIGINT)

    figures = run.summary()
    assert figures["late_reels"] == 1
    assert 0.3 < figures["hold_s"] < 10.0
    audio = run.recording()[: -2 * 48_000]
    assert _dead_stretches_s(audio) == []
    assert longest_quiet_s(audio) < 1.0
    steps = np.abs(np.diff(audio, axis=0)).max(axis=1)
    assert steps.max() < 0.25, f"a click {int(steps.argmax())} frames after the beginning"


PROCESSES = (
    *("engine.hub", "engine.sampler", "engine.renderer", "room-start", "room-wait"),
    "engine.history.archive.archivist",
)


def _until_all_are_there(run: Running) -> None:
    run.until(lambda: all(_alive(run, mark) for mark in PROCESSES), 60.0)


def _ends_with_nothing_left(run: Running, number: signal.Signals) -> None:
    """No process that it started outlives it; where it was killed itself, they have a few seconds."""
    assert len(run.leftovers()) >= len(PROCESSES), "they would be seen"
    run.process.send_signal(number)
    run.process.wait(20)
    end_s = time.monotonic() + (5.0 if number == signal.SIGKILL else 0.0)
    while run.leftovers() and time.monotonic() < end_s:
        time.sleep(0.05)
    assert run.leftovers() == []


def test_nothing_is_left_of_an_installation_that_is_killed(tmp_path: Path) -> None:
    """What Ctrl-C leaves is looked at above, what a service manager's signal leaves below."""
    with installation(tmp_path) as run:
        _until_all_are_there(run)
        _ends_with_nothing_left(run, signal.SIGKILL)


def test_a_second_installation_is_refused_and_of_the_first_nothing_is_left_when_it_is_told_to_end(
    tmp_path: Path,
) -> None:
    """Told as by a service manager."""
    with installation(tmp_path) as run:
        _until_all_are_there(run)
        for options in (
            ["--port", str(run.port), "--runtime", str(tmp_path / "other")],
            ["--port", "19100", "--runtime", str(tmp_path / "runtime")],
        ):
            command = [sys.executable, str(ROOT / "run_installation.py"), "--no-window", *options]
            second = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
            assert second.returncode == 1
            assert second.stderr.startswith("error: ")
            assert "Traceback" not in second.stderr
        _ends_with_nothing_left(run, signal.SIGTERM)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--record", "/proc/none/out.wav"], "--record"),
        (["--record", "out.mp3"], ".wav"),
        (["--summary", "/proc/none/s.json"], "--summary"),
        (["--mood", "nigth"], "night"),
        (["--room", "galery"], "gallery"),
        (["--soundfont", "/etc/passwd"], "SoundFont"),
        (["--textures", "/none"], "no such folder"),
    ],
)
def test_what_cannot_be_is_said_before_anything_plays(
    tmp_path: Path, options: list[str], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit, match=says) as exit_:
        main(["run", *options, "--runtime", str(tmp_path / "r")])
    assert str(exit_.value).startswith("error: ")
    assert not (tmp_path / "r").exists()


def test_a_python_without_the_packages_hands_over_to_the_one_that_has_them() -> None:
    bare = [sys.executable, "-E", "-S", str(ROOT / "run_installation.py"), "moods"]
    if Path(sys.prefix).resolve() == (ROOT / ".venv").resolve():
        bare[0] = str(Path(sys.base_prefix) / "bin" / "python3")
    result = subprocess.run(bare, capture_output=True, text=True, timeout=30, check=False)
    assert result.returncode == 0, result.stderr
    assert "gymnopedie" in result.stdout
