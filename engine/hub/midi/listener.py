"""The MIDI process: `python -m engine.hub.midi.listener --port N`. Hands on to the hub what devices here say.

A process of its own, since a driver that hangs or crashes must not take anything with it. Devices may come and go. On a
laptop with the surface, Pure Data does the same (`pd_patches/surface/midi-link.pd`).
"""

from __future__ import annotations

import ctypes
import logging
import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import mido

from engine.hub.midi.messages import CONTROL, NOTE
from engine.osc.messages import Report
from engine.osc.side_process import begin, option_parser, reporter, told_to_end

LOOK_S: Final = 2.0
ALIVE_EVERY_S: Final = 1.0
SEQUENCER: Final = Path("/dev/snd/seq")
CLIENTS: Final = Path("/proc/asound/seq/clients")
PORTMIDI: Final = "mido.backends.portmidi"
NOT_DEVICES: Final = ("midi through", "rtmidi", "pure data", "fluid synth", "ameublement")
"""Names that belong to programs of this machine, or lead back to them."""
LONGEST_TEXT: Final = 120

log = logging.getLogger("midi")


def backend() -> str:
    """What mido reads devices through: RtMidi, else the system's PortMidi, else nothing; mido's own variable first."""
    if given := os.environ.get("MIDO_BACKEND", ""):
        return given
    if find_spec("rtmidi") is not None:
        return "mido.backends.rtmidi"
    return PORTMIDI if _portmidi_is_there() else ""


def _portmidi_is_there() -> bool:
    """Under the name by which mido loads it."""
    try:
        ctypes.CDLL("libportmidi.dylib" if sys.platform == "darwin" else "libportmidi.so")
    except OSError:
        return False
    return True


def why_no_midi() -> str:
    """Why this machine has no MIDI, or an empty text if it may have some. No device is opened."""
    if not backend():
        return "neither python-rtmidi nor PortMidi (Debian's libportmidi-dev) is installed"
    if sys.platform.startswith("linux") and not SEQUENCER.exists():
        return "ALSA has no sequencer here"
    return ""


class Listener:
    """Opens every device there is; `tell` takes an OSC path and arguments, also from the threads of devices."""

    def __init__(self, tell: Callable[..., None]) -> None:
        self._tell = tell
        self._backend = mido.Backend(backend())
        self._clients = ""
        self._inputs: dict[str, Any] = {}
        self._complaint = ""

    def look(self) -> None:
        """Open what has come, close what has gone."""
        self._let_go_when_devices_change()
        try:
            names = {name for name in self._backend.get_input_names() if not name.lower().startswith(NOT_DEVICES)}
        except Exception as problem:  # each system's driver has exceptions of its own
            self._complain(f"MIDI devices cannot be listed: {problem}")
            return
        for name in self._inputs.keys() - names:
            log.info("%s has gone", name)
            self._inputs.pop(name).close()
        for name in sorted(names - self._inputs.keys()):
            try:
                self._inputs[name] = self._backend.open_input(name, callback=self._take)
            except Exception as problem:
                self._complain(f"{name} cannot be opened: {problem}")
                continue
            log.info("%s is listened to", name)
        self._tell(Report.MIDI_DEVICES, ", ".join(sorted(self._inputs))[:LONGEST_TEXT] or "none")

    def close(self) -> None:
        for one in self._inputs.values():
            one.close()
        self._inputs.clear()

    def _let_go_when_devices_change(self) -> None:
        """PortMidi lists new devices only while none is open; ALSA's own list tells when it is worth closing them."""
        if self._backend.name != PORTMIDI:
            return
        with suppress(OSError):
            clients = CLIENTS.read_text("utf-8", "replace")
            if clients != self._clients and self._inputs:
                self.close()
            self._clients = clients

    def _take(self, message: Any) -> None:
        match message.type:
            case "control_change":
                self._tell(CONTROL, message.channel + 1, message.control, message.value)
            case "note_on":
                self._tell(NOTE, message.channel + 1, message.note, message.velocity)
            case "note_off":
                self._tell(NOTE, message.channel + 1, message.note, 0)

    def _complain(self, what: str) -> None:
        """Once, for it is tried again all the time."""
        if what != self._complaint:
            self._complaint = what
            log.warning("%s", what)
            self._tell(Report.ERROR, "/midi", what[:LONGEST_TEXT])


def main() -> None:
    options = begin(option_parser("Hand MIDI of this machine on to the hub.", has_runtime=False))
    told = told_to_end()
    with reporter(options) as report:
        listener = Listener(report)
        look_due_s = 0.0
        while not told.is_set():
            if time.monotonic() >= look_due_s:
                look_due_s = time.monotonic() + LOOK_S
                listener.look()
            report(Report.MIDI_ALIVE, 1.0)
            told.wait(ALIVE_EVERY_S)
        listener.close()


if __name__ == "__main__":
    main()
