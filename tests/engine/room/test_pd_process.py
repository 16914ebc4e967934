"""Finding Pd and starting the room; the running room answers over OSC and ends when it is told to."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest
import soundfile

from engine.errors import RoomError
from engine.reels.cutter import Mark
from engine.reels.hold_loop import make_first_hold_loop, write_hold_loop
from engine.room import pd_process as room
from engine.room.pd_process import find_pd, pd_symbol, pd_version, room_command, surface_command
from tests.pd.batch import music, write_reels
from tests.pd.osc_peer import LOOPBACK, OscPeer
from tests.ports import free_port


def program(folder: Path, says: str) -> Path:
    path = folder / "pd"
    path.write_text(f"#!/bin/sh\necho '{says}' >&2\n")
    path.chmod(0o755)
    return path


def test_pd_is_found_and_says_its_version() -> None:
    assert pd_version(find_pd()) >= (0, 52)


@pytest.mark.parametrize(
    ("says", "wanted"), [("Pd-0.48-1 compiled", "0.52 or newer"), ("play dead", "does not say that it is Pure Data")]
)
def test_a_pd_that_cannot_serve_is_refused(
    says: str, wanted: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, says)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(RoomError, match=wanted):
        find_pd()


def test_without_pd_it_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(room.Path, "glob", lambda *_: iter(()))
    with pytest.raises(RoomError, match="apt install puredata"):
        find_pd()


def test_a_file_that_does_not_run_is_named(tmp_path: Path) -> None:
    with pytest.raises(RoomError, match="does not run"):
        pd_version(tmp_path / "pd")


def test_commands_name_patch_port_and_device(tmp_path: Path) -> None:
    pd = Path("pd")
    silent = room_command(pd, 9100, tmp_path / "hold.wav", audio=False, patience_s=1.5)
    assert "-nosound" in silent
    assert silent[silent.index("-send") + 1].startswith("room-start 9100 1500 /")
    assert Path(silent[-1]).is_file()
    loud = room_command(pd, 9100, tmp_path / "hold.wav", audio=True, device="hw:1")
    assert "hw:1" in loud
    assert "-nosound" not in loud
    window = surface_command(pd, "studio.local", 9100)
    assert "-nogui" not in window
    assert "surface-start studio.local 9100" in window
    assert "-nomidi" in window
    assert "-nomidi" not in surface_command(pd, "studio.local", 9100, midi=True)


@pytest.mark.parametrize("port", [0, 80, 65_533])
def test_ports_that_cannot_be_used_are_refused(port: int, tmp_path: Path) -> None:
    with pytest.raises(RoomError, match=f"base port {port}"):
        room_command(Path("pd"), port, tmp_path, audio=False)


def test_hosts_that_cannot_be_are_refused() -> None:
    with pytest.raises(RoomError, match="cannot be the name"):
        surface_command(Path("pd"), "a b;", 9100)


def test_symbols_are_escaped_as_pd_reads_them() -> None:
    assert pd_symbol(r"a b,c;d$1\e") == r"a\ b\,c\;d\$1\\e"


@pytest.mark.realtime
def test_a_running_room_speaks_plays_stops_and_is_killed(tmp_path: Path) -> None:
    """One life in real time: hello, reels, a recording through OSC, death, a second life, a soft end."""
    hold = tmp_path / "hold.wav"
    write_hold_loop(hold, make_first_hold_loop())
    base = free_port()
    command = room_command(find_pd(), base, hold, audio=False, patience_s=0.3, supervisor_port=base + 3)
    to_room = (LOOPBACK, base + 1)
    log = tmp_path / "pd.log"
    with (
        OscPeer(base) as hub,
        OscPeer(base + 2) as renderer,
        OscPeer(base + 3) as supervisor,
        log.open("wb") as sink,
    ):
        pd = subprocess.Popen(command, stdout=sink, stderr=sink)
        try:
            hub.wait_for(lambda: hub.of("/hold/loaded") and hub.of("/room/hello"))
            renderer.wait_for(lambda: renderer.of("/room/hello"))
            for path in write_reels(tmp_path, music(4)):
                channel, frame, value = Mark.of(soundfile.read(path, dtype="float32")[0])
                hub.send(to_room, "/reel/ready", str(path), 0.0, float(channel), float(frame), value)
            hub.wait_for(lambda: hub.of("/reel/playing"))
            renderer.wait_for(lambda: renderer.of("/reel/playing"))
            supervisor.wait_for(lambda: supervisor.of("/reel/playing") and supervisor.of("/room/output"))
            greetings = len(hub.of("/room/hello"))
            hub.wait_for(lambda: len(hub.of("/room/meter")) >= 8)
            assert hub.of("/meter/texture_3")
            assert len(hub.of("/room/hello")) == greetings, "it has been heard, so it says hello no more"
            pd.kill()
            pd.wait(5)

            hub.heard.clear()
            killed_s = time.monotonic()
            pd = subprocess.Popen(command, stdout=sink, stderr=sink)
            recording = tmp_path / "recording.wav"
            hub.wait_for(lambda: hub.of("/room/hello"))
            hub.send(to_room, "/record/start", str(recording))
            hub.wait_for(lambda: any(said[1] > -60 for said in hub.of("/room/meter")))
            assert time.monotonic() - killed_s < 3.0, "sound again within three seconds"
            hub.send(to_room, "/room/stop")
            assert pd.wait(4) == 0
            assert hub.of("/room/stopped")
            assert hub.of("/record/done") == [("/record/done", str(recording))]
            assert soundfile.info(recording).frames > 24_000
        finally:
            pd.kill()
            pd.wait(5)
    assert "error" not in log.read_text()
