"""Watches over the process that plays instruments, and lets every key go when that process is gone, however it went.

A process of its own, in a session of its own, tied to the player by two pipes alone: what ends the player, SIGKILL to
its whole group among it, does not end this one. It holds connections of its own to the same ports. When the player's
pipe closes it sends all notes off. A player that says nothing for a second while a key is down is ended: it would hold
JACK up for everybody, and the supervisor starts another. Looking for ports takes long, and so is done here: the player
is told what there is.

    player ── {"ports": {"Disklavier": 1}, "down": true}, four times a second ──▶ guard
    player ◀── {"there": {"Disklavier": "USB MIDI:Disklavier 24:0"}}, at each change ── guard
"""

from __future__ import annotations

import json
import logging
import os
import select
import signal
import sys
import time
from collections.abc import Callable, Mapping
from typing import Final

from engine.elsewhere.instruments.midi_ports import Output, PortList, let_go, match, open_output
from engine.hub.midi.listener import backend
from engine.signals import STOPS

LOOK_S: Final = 2.0
SILENT_S: Final = 1.0
"""The player speaks four times a second; one that stands still so long is ended."""
AGAIN_S: Final = (0.1, 0.2, 0.4, 0.8)
"""Keys are let go several times with these pauses: JACK takes nothing while it finds out that a client is dead."""

log = logging.getLogger("instruments.guard")


class Guard:
    """`names` lists the ports there are and `opening` opens one by its name; both may raise anything."""

    def __init__(self, names: Callable[[], list[str]], opening: Callable[[str], Output]) -> None:
        self._names, self._opening = names, opening
        self._channels: dict[str, int] = {}
        self._there: dict[str, str] = {}
        self._outputs: dict[str, Output] = {}
        self._complaint = ""

    def hear(self, channels: Mapping[str, int]) -> bool:
        """Which ports the player wants, with their channels from 1; whether that is new."""
        changed = dict(channels) != self._channels
        self._channels = dict(channels)
        return changed

    def look(self) -> dict[str, str]:
        """Open what has come, close what has gone; the full name of each wanted port that is held."""
        names = self._listed()
        for wanted, name in list(self._there.items()):
            if wanted not in self._channels or name not in names:
                self._close(wanted)
        for wanted in self._channels.keys() - self._there.keys():
            if (found := match(wanted, names)) is not None:
                self._open(wanted, found)
        return dict(self._there)

    def let_everything_go(self) -> None:
        for wanted, output in list(self._outputs.items()):
            try:
                let_go(output, self._channels.get(wanted, 1) - 1, every_key=True)
            except Exception as problem:  # each system's driver has exceptions of its own
                self._complain(f"{wanted} takes no more: {problem}")

    def close(self) -> None:
        for wanted in list(self._there):
            self._close(wanted)

    def _listed(self) -> list[str]:
        try:
            return self._names()
        except Exception as problem:
            self._complain(f"MIDI ports cannot be listed: {problem}")
            return []

    def _open(self, wanted: str, name: str) -> None:
        try:
            self._outputs[wanted] = self._opening(name)
        except Exception as problem:
            self._complain(f"{name} cannot be opened: {problem}")
            return
        self._there[wanted] = name

    def _close(self, wanted: str) -> None:
        self._there.pop(wanted)
        try:
            self._outputs.pop(wanted).close()
        except Exception as problem:
            self._complain(f"{wanted} cannot be closed: {problem}")

    def _complain(self, what: str) -> None:
        """Once, for it is tried again all the time."""
        if what != self._complaint:
            self._complaint = what
            log.warning("%s", what)


def watch(guard: Guard, read: int, tell: Callable[[dict[str, str]], None], end_player: Callable[[], None]) -> None:
    """Until the player's pipe closes, or the player stands still with a key down."""
    told: dict[str, str] | None = None
    waiting, down = b"", False
    look_s, heard_s = 0.0, time.monotonic()
    while True:
        ready, _, _ = select.select([read], [], [], SILENT_S / 4)
        now_s = time.monotonic()
        if ready:
            if not (piece := os.read(read, 65_536)):
                return
            *lines, waiting = (waiting + piece).split(b"\n")
            for line in lines:
                said = json.loads(line)
                down, heard_s = bool(said["down"]), now_s
                look_s = 0.0 if guard.hear(said["ports"]) else look_s
        elif down and now_s - heard_s > SILENT_S:
            log.warning("the player stands still and is ended")
            end_player()
            return
        if now_s >= look_s:
            look_s = now_s + LOOK_S
            if (there := guard.look()) != told:
                told = there
                tell(there)


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    for number in STOPS:  # who asks all to stop means the player; this one ends with it
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    guard = Guard(PortList(backend()).names, lambda name: open_output(backend(), name))
    player = os.getppid()
    watch(guard, sys.stdin.fileno(), _tell, lambda: _end(player))
    for pause_s in AGAIN_S:
        guard.let_everything_go()
        time.sleep(pause_s)
    guard.close()


def _tell(there: Mapping[str, str]) -> None:
    try:
        print(json.dumps({"there": dict(there)}), flush=True)
    except BrokenPipeError:
        log.info("the player has gone")


def _end(player: int) -> None:
    if os.getppid() == player:  # else it has gone, and its number may be somebody else's
        os.kill(player, signal.SIGKILL)


if __name__ == "__main__":
    main()
