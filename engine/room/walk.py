"""From loudspeaker to loudspeaker: each beeps its channel's number and plays pink noise, through Pd as the music is."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

from engine.errors import RoomError
from engine.parameters.loudspeakers import Loudspeaker
from engine.parameters.room import RoomPreset
from engine.room.pd_process import find_pd, walk_command
from engine.room.presets import outlet_of


def walk(
    preset: RoomPreset, folder: Path, level_db: float, *, audio: bool, device: str | None
) -> Iterator[Loudspeaker]:
    """Each loudspeaker in the order of its channel, when it begins to sound. `level_db` is RMS, before its trim.

    Pd's patch is written into `folder`. Raises RoomError when Pd does not get to the end.
    """
    if preset.loudspeakers is None:
        raise RoomError(f"room {preset.title!r} lists no loudspeakers; `room test --room stereo` walks through two")
    by_channel = {one.channel: one for one in sorted(preset.loudspeakers.speakers, key=lambda one: one.channel)}
    start = f"room-test {level_db:g} {' '.join(map(str, by_channel))}"
    command = walk_command(find_pd(), audio, device, outlet_of(preset, folder), start)
    said: list[str] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace") as pd:
        try:
            for line in pd.stdout or ():
                if line.startswith("walk: channel "):
                    yield by_channel.pop(int(float(line.split()[2])))
                else:
                    said.append(line.strip())
        finally:
            pd.kill()
    troubles = [line for line in said if "error" in line]
    if by_channel or troubles:
        raise RoomError(f"Pd did not play to the end: {'; '.join(troubles or said[-3:]) or 'it said nothing'}")
