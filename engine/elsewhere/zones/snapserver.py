"""What snapserver is told: one stream for each zone, each read from a pipe of its own; and where everything lies."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from engine.errors import AmeublementError
from engine.files.atomic import write_whole
from engine.parameters.elsewhere import Zone

STREAM_PORT: Final = 1704
"""Snapcast's own: clients look here. Control is on the next port, its page on 1780."""
CHUNK_MS: Final = 20
BUFFER_MS: Final = 1000


def check_snapserver() -> None:
    """Raises AmeublementError where it is not installed."""
    if shutil.which("snapserver") is None:
        raise AmeublementError("--zones needs snapserver, which is not installed (Debian: apt install snapserver)")


def pipe_path(folder: Path, zone: str) -> Path:
    return folder / f"{zone}.pipe"


def make_pipes(folder: Path, zones: Iterable[str]) -> None:
    """The pipes between the feeder and snapserver; they outlive both."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for zone in zones:
        path = pipe_path(folder, zone)
        if not path.is_fifo():
            path.unlink(missing_ok=True)
            os.mkfifo(path, 0o600)


def write_configuration(folder: Path, zones: dict[str, Zone], port: int = STREAM_PORT) -> Path:
    """The file that `snapserver --config` reads. Clients anywhere may listen; control is for this machine alone.

    Sound is sent as it is, not as FLAC: what waits in that encoder when snapserver was late moves a zone by up to 24 ms
    against the others, and nothing outside it can see that.
    """
    sources = [
        f"source = pipe://{pipe_path(folder, name)}?name={name}&mode=read&codec=pcm"
        f"&sampleformat=48000:16:{1 if zone.mono else 2}&chunk_ms={CHUNK_MS}"
        for name, zone in zones.items()
    ]
    lines = [
        *("[server]", f"datadir = {folder}", "[http]", "enabled = false"),
        *("[tcp]", "enabled = true", "bind_to_address = 127.0.0.1", f"port = {port + 1}"),
        *("[stream]", "bind_to_address = 0.0.0.0", f"port = {port}", f"buffer = {BUFFER_MS}", *sources),
        *("[logging]", "sink = stdout", "filter = *:notice"),
    ]
    path = folder / "snapserver.conf"
    write_whole(path, "\n".join(lines) + "\n")
    return path
