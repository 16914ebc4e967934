"""Faults of what plays beside the loudspeakers: a stream with a real listener, a zone with a real client, real keys.

Each is judged twice: by what the room recorded, and by how soon whoever listens elsewhere hears it again.
"""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import psutil

from tests import jack
from tests.faults.acts import kill
from tests.faults.stage import LONGEST_WAIT_S, MOOD, Stage
from tests.icecast import Listener, needs_ffmpeg
from tests.ports import free_port
from tests.snapcast import needs_snapcast

STREAM_BYTES: Final = 4 * 16_000
"""Four seconds of Opus at 128 kbit/s: more than was on its way when the stream was cut."""
ZONE_BYTES: Final = 2 * 2 * 48_000
"""A second of a zone, as a client writes it."""
INSTRUMENT: Final = "Disklavier"


def streamed(stage: Stage) -> Sequence[str]:
    """The room is streamed from this machine."""
    if needs_ffmpeg.args[0]:
        raise RuntimeError("this fault needs ffmpeg: apt install ffmpeg")
    url = stage.notes["url"] = f"http://127.0.0.1:{free_port(1)}/room.opus"
    return ("--stream", str(url))


def zoned(stage: Stage) -> Sequence[str]:
    """The room has a zone, played by snapserver."""
    if needs_snapcast.args[0]:
        raise RuntimeError("this fault needs Snapcast: apt install snapserver snapclient")
    port = stage.notes["snapcast port"] = free_port(1)
    room = _room_file(stage, "zones:\n  foyer: {stems: [piano, cello, chords]}\n")
    return ("--room", str(room), "--zones", "--snapcast-port", str(port))


def with_keys(stage: Stage) -> Sequence[str]:
    """The piano of the mood is an instrument with a MIDI port, on a JACK server of its own."""
    if why_not := jack.why_not():
        raise RuntimeError(f"this fault needs a MIDI port: {why_not}")
    last = stage.notes["last"] = ExitStack()
    stage.environment.update(last.enter_context(jack.jack()))
    stage.notes["keys"] = _plug_in(stage)
    text = MOOD.read_text("utf-8").replace("piano: {instrument: pad}", f"piano: {{midi_out: {INSTRUMENT}}}")
    (stage.folder / "mine.yaml").write_text(text, "utf-8")
    room = _room_file(stage, f"instruments:\n  {INSTRUMENT}: {{latency_ms: 0}}\n")
    return ("--room", str(room), "--mood", str(stage.folder / "mine.yaml"))


def _room_file(stage: Stage, more: str) -> Path:
    path = stage.folder / "own-room.yaml"
    path.write_text(f"title: Own\nabout: For faults.\n{more}", "utf-8")
    return path


def _plug_in(stage: Stage) -> jack.Keys:
    instrument = stage.notes["instrument"] = ExitStack()
    keys: jack.Keys = instrument.enter_context(jack.instrument(INSTRUMENT))
    return keys


def unplug(stage: Stage) -> None:
    _stack(stage, "instrument").close()


def plug_in_again(stage: Stage) -> None:
    """And wait until keys are struck."""
    begins_s = time.monotonic()
    keys = _plug_in(stage)
    stage.notes["keys"] = keys
    _until(stage, lambda: bool(keys.struck_s()))
    stage.said += f"\nkeys were struck again after {time.monotonic() - begins_s:.1f} s"


def end_jack(stage: Stage) -> None:
    for name in ("instrument", "last"):
        _stack(stage, name).close()


def _stack(stage: Stage, name: str) -> ExitStack:
    found = stage.notes[name]
    assert isinstance(found, ExitStack)
    return found


# ------------------------------------------------------------------ what happens


def cut_stream(act: Callable[[Stage], None]) -> Callable[[Stage], None]:
    """`act` ends something on the way to a listener, who comes back."""

    def cut(stage: Stage) -> None:
        listener = Listener(str(stage.notes["url"]), titles=False)
        _until(stage, lambda: listener.heard_bytes > STREAM_BYTES)
        _time(stage, act, lambda: listener.heard_bytes, STREAM_BYTES, "a listener heard the stream")
        listener.close()

    return cut


def end_ffmpeg(stage: Stage) -> None:
    """The encoder alone, below the streamer."""
    for child in psutil.Process(stage.pid("streamer")).children():
        child.send_signal(signal.SIGKILL)


def cut_zone(act: Callable[[Stage], None]) -> Callable[[Stage], None]:
    """`act` ends something on the way to a client of the zone."""

    def cut(stage: Stage) -> None:
        heard = stage.folder / "foyer.raw"
        command = ["snapclient", "-h", "127.0.0.1", "-p", str(stage.notes["snapcast port"]), "--hostID", "foyer"]
        command += ["--player", f"file:filename={heard}", "--logsink", "null"]
        client = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            _until(stage, lambda: _sounding_bytes(heard) > ZONE_BYTES)
            _time(stage, act, lambda: _sounding_bytes(heard), 2 * ZONE_BYTES, "a client heard its zone")
        finally:
            client.kill()
            client.wait()
            heard.unlink(missing_ok=True)

    return cut


def kill_player(stage: Stage) -> None:
    """While keys are down, which then are let go by the guard."""
    keys = stage.notes["keys"]
    assert isinstance(keys, jack.Keys)
    _until(stage, lambda: bool(keys.down))
    kill("instruments")(stage)
    begins_s = time.monotonic()
    _until(stage, lambda: keys.is_at_rest)
    stage.said += f"\nno key was down after {time.monotonic() - begins_s:.1f} s"


def _time(stage: Stage, act: Callable[[Stage], None], count: Callable[[], int], enough: int, what: str) -> None:
    act(stage)
    begins_s, before = time.monotonic(), count()
    _until(stage, lambda: count() > before + enough)
    stage.said += f"\n{what} again, {time.monotonic() - begins_s:.1f} s after"


def _sounding_bytes(heard: Path) -> int:
    """Of what a client has written, without silence: it writes that while nothing comes."""
    data = heard.read_bytes() if heard.exists() else b""
    return len(data) - data.count(0)


def _until(stage: Stage, condition: Callable[[], bool]) -> None:
    stage.run.until(condition, LONGEST_WAIT_S)
