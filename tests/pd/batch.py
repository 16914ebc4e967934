"""Runs patches in a real Pd as fast as it computes (`pd -batch`), driven by a script of timed messages."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from engine.parameters.stems import CHANNELS, SAMPLE_RATE_HZ
from engine.reels.cutter import Mark
from engine.reels.format import REEL_FRAMES, TAIL_FRAMES
from engine.room.pd_process import SEARCH_PATH, find_pd, pd_symbol

HERE = Path(__file__).parent / "patches"
END = "script: over"


@dataclass(frozen=True)
class Event:
    """`message` (receiver first) at `time_ms` after the start."""

    time_ms: float
    message: str


@dataclass(frozen=True)
class Report:
    address: str
    arguments: tuple[str, ...]


def run_batch(
    folder: Path, patches: Sequence[Path], events: Sequence[Event], written: Path | None = None
) -> tuple[list[Report], str]:
    """Run `patches` through the script; what the room reported, and the errors that Pd printed.

    `written` is a file that a `writesf~` opens and closes in the course of the script, in a thread of its own and so
    not in batch time. The script goes on once it is open: a `stop` that comes sooner takes the place of the `open`, and
    nothing is written. Pd is left running until it is closed.
    """
    lines, now_ms = ["0 pd dsp 1;"], 0.0
    for event in sorted(events, key=lambda event: event.time_ms):
        lines.append(f"{event.time_ms - now_ms:.6g} {event.message};")
        now_ms = event.time_ms
        if written is not None and pd_symbol(str(written)) in event.message:
            lines.append(f"0 script-until symbol {pd_symbol(str(written))};")
    lines.append("500 script-over over;")
    script, log = folder / "script.txt", folder / "pd.log"
    script.write_text("\n".join(lines) + "\n")
    command = [str(find_pd()), "-batch", "-nosound", "-noprefs", "-nrt", "-r", str(SAMPLE_RATE_HZ)]
    command += [*SEARCH_PATH, "-send", f"script {pd_symbol(str(script))}"]
    command += [*map(str, patches), str(HERE / "script.pd")]
    with log.open("wb") as sink, subprocess.Popen(command, stdout=sink, stderr=sink) as pd:
        try:
            wait_until(lambda: END in log.read_text() or pd.poll() is not None, 30.0)
            if written is not None:
                wait_until(lambda: is_closed_wav(written), 60.0)
        finally:
            pd.kill()
    return parse_log(log.read_text().partition(END)[0])  # what follows may be cut off in mid-line


def parse_log(text: str) -> tuple[list[Report], str]:
    """Reports that Pd printed, and the lines that tell of errors."""
    reports, errors = [], []
    for line in text.splitlines():
        who, _, said = line.partition(": ")
        if who in ("hub", "all"):
            words = said.split()
            reports.append(Report(words[0], tuple(words[1:])))
        elif "error" in line or "couldn't" in line or "can't" in line:
            errors.append(line)
    return reports, "\n".join(errors)


def wait_until(condition: Callable[[], bool], patience_s: float) -> None:
    end_s = time.monotonic() + patience_s
    while not condition():
        if time.monotonic() > end_s:
            raise TimeoutError(f"nothing after {patience_s} s")
        time.sleep(0.02)


def is_closed_wav(path: Path) -> bool:
    """Whether the header tells of frames: Pd writes their number last, and first that there are none."""
    head = path.read_bytes()[:44] if path.exists() else b""
    return len(head) == 44 and int.from_bytes(head[4:8], "little") > 100


def write_reels(folder: Path, audio: np.ndarray, generation: str = "a", first: int = 0) -> list[Path]:
    """Cut float32[frames, CHANNELS] into reels, each with the beginning of the next as its tail."""
    paths = []
    for number, start in enumerate(range(0, len(audio) - REEL_FRAMES - TAIL_FRAMES + 1, REEL_FRAMES), first):
        path = folder / f"{generation}-{number:03d}.wav"
        soundfile.write(path, audio[start : start + REEL_FRAMES + TAIL_FRAMES], SAMPLE_RATE_HZ, subtype="FLOAT")
        paths.append(path)
    return paths


def music(reels: int, level: float = 0.02, seed: int = 0) -> np.ndarray:
    """Something in every channel, different everywhere, without steps; float32[frames, CHANNELS]."""
    frames = reels * REEL_FRAMES + TAIL_FRAMES
    time_s = np.arange(frames) / SAMPLE_RATE_HZ
    pitches_hz = 90.0 * 1.11 ** np.arange(CHANNELS) + seed
    return (level * np.sin(2 * np.pi * time_s[:, None] * pitches_hz + np.arange(CHANNELS))).astype(np.float32)


def ready(time_ms: float, path: Path, seam: int = 0) -> Event:
    """Announces the reel as it is now; one that is not there has any mark."""
    channel, frame, value = Mark.of(soundfile.read(path, dtype="float32")[0]) if path.exists() else (0, 0, 0.0)
    return Event(time_ms, f"room-reel ready {pd_symbol(str(path))} {seam} {channel} {frame} {value:.9f}")
