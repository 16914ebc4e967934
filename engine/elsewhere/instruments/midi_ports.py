"""MIDI ports as instruments: found by a part of their name, opened when they come, let go when they are gone."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterable
from typing import Any, Final, Protocol

import mido

from engine.hub.midi.listener import SEQUENCER, backend

JACK: Final = "/UNIX_JACK"
"""The end of mido's name for RtMidi over JACK, as in MIDO_BACKEND."""
DAMPER, SOUND_OFF, NOTES_OFF = 64, 120, 123
"""Controllers: damper pedal, all sound off, all notes off."""
KEYS: Final = 128

log = logging.getLogger("instruments")


def why_no_midi_out() -> str:
    """Why no instrument can be played from this machine, empty where one may."""
    if not (name := backend()):
        return "neither python-rtmidi nor PortMidi (Debian's libportmidi-dev) is installed"
    if sys.platform.startswith("linux") and not name.endswith(JACK) and not SEQUENCER.exists():
        return "ALSA has no sequencer here"
    return ""


class Output(Protocol):
    """What mido opens."""

    def send(self, message: Any) -> None: ...

    def close(self) -> None: ...


def let_go(output: Output, channel: int, *, every_key: bool) -> None:
    """All notes off, pedal up. Many an instrument knows only notes, so `every_key` is let go by itself as well."""
    for control in (DAMPER, NOTES_OFF, SOUND_OFF) if every_key else (DAMPER, NOTES_OFF):
        output.send(mido.Message("control_change", channel=channel, control=control, value=0))
    for pitch in range(KEYS) if every_key else ():
        output.send(mido.Message("note_off", channel=channel, note=pitch, velocity=0))


class MidiSink:
    """One channel of one port; without a port it takes everything and does nothing."""

    def __init__(self, channel: int, has_pedal: bool) -> None:
        self.output: Output | None = None
        self._channel, self._has_pedal = channel - 1, has_pedal

    def key(self, _voice: str, pitch: int, velocity: int) -> None:
        kind = "note_on" if velocity else "note_off"
        self._send(mido.Message(kind, channel=self._channel, note=pitch, velocity=velocity))

    def pedal(self, _voice: str, down: bool) -> None:
        if self._has_pedal:
            self._send(mido.Message("control_change", channel=self._channel, control=DAMPER, value=127 * down))

    def release(self) -> None:
        if self.output is not None:
            self._guarded(lambda output: let_go(output, self._channel, every_key=False))

    def open(self, output: Output) -> None:
        """From now on this port; what somebody left hanging on it is let go."""
        self.output = output
        self._guarded(lambda output: let_go(output, self._channel, every_key=True))

    def _send(self, message: Any) -> None:
        self._guarded(lambda output: output.send(message))

    def _guarded(self, act: Callable[[Output], None]) -> None:
        """A driver may fail in any way; then the port is closed, and looked for again."""
        if self.output is None:
            return
        try:
            act(self.output)
        except Exception as problem:
            log.warning("a port takes no more: %s", problem)
            self.close()

    def close(self) -> None:
        output, self.output = self.output, None
        if output is not None:
            try:
                output.close()
            except Exception as problem:
                log.warning("a port cannot be closed: %s", problem)


class PortList:
    """Every port that takes MIDI, by name. RtMidi keeps one client for it: a new one each time would wait for JACK,
    which waits for whichever client stands still."""

    def __init__(self, backend_name: str) -> None:
        self._backend = mido.Backend(backend_name)
        self._client: Any = None

    def names(self) -> list[str]:
        """Raises whatever the system's driver raises."""
        if not self._backend.name.endswith("rtmidi"):
            return list(self._backend.get_output_names())
        if self._client is None:
            self._client = self._rtmidi_client()
        if not (names := list(self._client.get_ports())):
            self._client.delete()  # JACK may have gone; it is asked anew next time
            self._client = None
        return names

    def _rtmidi_client(self) -> Any:
        import rtmidi

        api = getattr(rtmidi, f"API_{self._backend.api}") if self._backend.api else rtmidi.API_UNSPECIFIED
        return rtmidi.MidiOut(rtapi=api)


def match(wanted: str, names: Iterable[str]) -> str | None:
    """The port that `wanted` names, or whose name holds it; capitals do not matter."""
    exact = [name for name in names if name == wanted]
    holding = [name for name in names if wanted.lower() in name.lower()]
    return next(iter(exact + holding), None)


def open_output(backend_name: str, name: str) -> Output:
    """Raises whatever the system's driver raises."""
    return mido.Backend(backend_name).open_output(name)
