"""What the installation consists of: the processes, their command lines, and how long each may be silent."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engine.control_state import ControlState
from engine.osc_port import LOOPBACK
from engine.processes import Process
from engine.recording import Recording
from engine.room import PATIENCE_S, room_command, surface_command
from engine.runtime_folder import RuntimeFolder

PATIENCE_OF_LATER_ROOMS_S: Final = 1.5
"""A room that replaces a dead one finds reels at once; if not, it should hold soon."""


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What `run` was asked for, checked."""

    pd: Path
    sound_card: bool
    port: int
    listen: bool = False
    device: str | None = None
    minutes: float | None = None
    window: bool = False
    soundfont: Path | None = None
    textures: Path | None = None
    recording: Recording | None = None


class Parts:
    """`sound_card` may be given up while the room runs; the next room then does without."""

    def __init__(self, options: RunOptions, state: ControlState, folder: RuntimeFolder) -> None:
        self._options, self._state, self._folder = options, state, folder
        self.sound_card = options.sound_card
        self._rooms = 0

    def processes(self) -> dict[str, Process]:
        """All that run as long as the installation does, by name, in the order in which they start."""
        log = self._folder.log
        processes = [
            Process("renderer", self._renderer, log("renderer"), patience_s=15.0),
            Process("room", self._room, log("room"), patience_s=8.0, first_patience_s=10.0),
            # It may draw for long on a busy machine, and nobody hears whether it does; those who are heard go first.
            Process("sampler", self._sampler, log("sampler"), patience_s=60.0, first_patience_s=60.0, niceness=5),
        ]
        if self._options.window:
            processes.append(Process("surface", self._surface, log("surface")))
        return {process.name: process for process in processes}

    def hold_maker(self) -> Process:
        """Sees once to it that there is a hold loop, and ends."""
        command = [sys.executable, "-m", "engine.prepare_hold", str(self._folder.hold_file)]
        return Process("hold", lambda: command, self._folder.log("hold"))

    def _python(self, module: str) -> list[str]:
        return [sys.executable, "-m", module, "--runtime", str(self._folder.path), "--port", str(self._options.port)]

    def _sampler(self) -> Sequence[str]:
        return [*self._python("engine.sampler"), *self._textures()]

    def _textures(self) -> list[str]:
        return ["--textures", str(self._options.textures)] if self._options.textures else []

    def _renderer(self) -> Sequence[str]:
        command = [*self._python("engine.renderer"), "--seed", str(self._state.seed), "--mood", self._state.mood]
        if self._options.soundfont:
            command += ["--soundfont", str(self._options.soundfont)]
        return command + self._textures()

    def _room(self) -> Sequence[str]:
        self._rooms += 1
        return room_command(
            self._options.pd,
            self._options.port,
            self._folder.hold_file,
            self.sound_card,
            self._options.device,
            patience_s=PATIENCE_S if self._rooms == 1 else PATIENCE_OF_LATER_ROOMS_S,
        )

    def _surface(self) -> Sequence[str]:
        return surface_command(self._options.pd, LOOPBACK, self._options.port)
