"""Hands values from the hub to those who act on them: the room's Pd and the renderer.

What sensors move is moved here: hands and moods set the values of `ControlState`, the room and the renderer hear what
becomes of them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Final

from engine.hub.actions import Change
from engine.hub.presence.presence import Presence
from engine.hub.state import ROOM_PATHS, SOUND_PATHS, ControlState
from engine.osc.messages import Order
from engine.osc.port import LOOPBACK, Endpoint, Gathering, OscPort, RateLimit
from engine.parameters.address import Value
from engine.parameters.addresses import ROOM, SOUND
from engine.parameters.room import heard_stems, send_gain
from engine.parameters.stems import LAYERS, STEMS
from engine.room.pd_process import SPARE_PORT

_SENDS: Final = {layer: f"/layer/{layer}/sends" for layer in LAYERS}
_LAYER_OF_SENDS: Final = {path: layer for layer, path in _SENDS.items()}
_MOVE_SENDS: Final = ("/mute", "/solo", "/level_db")


class Routing:
    """`port` is the hub's; the others listen on those after it."""

    def __init__(
        self, osc: OscPort, state: ControlState, presence: Presence, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._osc, self._state, self.presence = osc, state, presence
        self.room: Endpoint = (LOOPBACK, osc.port + 1)
        self.renderer: Endpoint = (LOOPBACK, osc.port + 2)
        self.spare_room: Endpoint = (LOOPBACK, osc.port + SPARE_PORT)
        self._to_room = RateLimit(lambda path, args: osc.send(self.room, path, *args), clock)
        self.to_renderer = Gathering(lambda messages: osc.send_bundle(self.renderer, messages), clock, ("/mood",))
        self._muted = self._mutes()
        self._send_gains = self._gains()

    def forward(self, change: Change) -> None:
        """Hand new values to those who act on them."""
        if change.glide_s is not None:
            self.to_renderer.offer(Order.GLIDE_S, change.glide_s)
        if any(path.endswith(("/mute", "/solo")) for path in change.values):
            before, self._muted = self._muted, self._mutes()
            for path, value in self._muted.items():
                if before[path] != value:
                    self._to_room.offer(path, value)
        if any(path.startswith("/stem/") and path.endswith(_MOVE_SENDS) for path in change.values):
            gains, self._send_gains = self._send_gains, self._gains()
            for layer, path in _SENDS.items():
                if gains[layer] != self._send_gains[layer]:
                    self._pass_on(path, self._state.sound[path])
        for path, value in change.values.items():
            self._pass_on(path, value)
        if change.begins_mood:
            for path, value in self._state.sound.items():
                self._pass_on(path, value)
            self.to_renderer.offer("/mood", self._state.mood)

    def follow_sensors(self, now_s: float) -> bool:
        """Let time pass for the sensors; whether they move anything otherwise now."""
        moved = self.presence.step(now_s)
        self.pass_on_again(moved)
        return bool(moved)

    def pass_on_again(self, paths: Iterable[str]) -> None:
        """What is set is the same, but sensors move it otherwise."""
        for path in paths:
            self._pass_on(path, self._state.sound[path] if path in SOUND_PATHS else self._state.room[path])

    def fade(self, silent: bool, fade_s: float) -> None:
        """To silence and back in a time of its own, which leaves that of the surface as it is."""
        self._osc.send(self.room, "/room/fade_s", fade_s)
        self._osc.send(self.room, "/room/silent", int(silent))
        self._osc.send(self.room, "/room/fade_s", self._state.room["/room/fade_s"])

    def bring_room_up_to_date(self) -> None:
        """A room has started again; if it is to be silent, it is so at once."""
        self._osc.send(self.room, "/room/fade_s", 0.2)
        self._osc.send(self.room, "/room/silent", self._state.room["/room/silent"])
        self.repeat_to_room()

    def repeat_to_room(self) -> None:
        """Send all values, of which some may have been lost. A fade that is under way is left alone."""
        values = self.presence.all_moved({**self._state.room, **self._mutes()})
        for row in ROOM:
            if not row.path.endswith(("/solo", "/silent")):
                self._osc.send(self.room, row.path, values[row.path])

    def bring_renderer_up_to_date(self) -> None:
        """Send all values. What is as it was does not change: a glide that is under way goes on."""
        self._send_gains = self._gains()
        values = self.presence.all_moved(self._state.sound)
        self._osc.send_bundle(self.renderer, [(row.path, (self._sent(row.path, values[row.path]),)) for row in SOUND])

    def flush(self) -> None:
        """Send what was held back and is due."""
        self._to_room.flush()
        self.to_renderer.flush()

    @property
    def waiting(self) -> bool:
        return self._to_room.waiting or self.to_renderer.waiting

    def _pass_on(self, path: str, value: Value) -> None:
        if path in ROOM_PATHS and not path.endswith(("/mute", "/solo")):
            self._to_room.offer(path, self.presence.moved(path, value))
        elif path in SOUND_PATHS or path == "/seed":
            self.to_renderer.offer(path, self._sent(path, self.presence.moved(path, value)))

    def _sent(self, path: str, value: Value) -> Value:
        """As the renderer is to have it: what a stem sends follows its fader, mute and solo, which are the room's."""
        layer = _LAYER_OF_SENDS.get(path)
        return value if layer is None else float(value) * self._send_gains[layer]

    def _gains(self) -> dict[str, float]:
        return {layer: send_gain(self._state.room, layer) for layer in LAYERS}

    def _mutes(self) -> dict[str, Value]:
        """Mute of every stem as the room is to have it: solos are mutes of the others."""
        heard = heard_stems(self._state.room)
        return {f"/stem/{stem}/mute": 0 if stem in heard else 1 for stem in STEMS}
