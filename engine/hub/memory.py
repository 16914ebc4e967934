"""What a hub leaves to the one that follows it, besides values: who listens, what is being done, what can be undone.

Values stand in `state.json`, and what a session records in a file of its own, for both are written as they change.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from engine.errors import AmeublementError
from engine.files.atomic import write_whole
from engine.hub.hub import Hub
from engine.hub.schedule.plan import Wanted
from engine.hub.schedule.timekeeper import Timekeeper
from engine.osc.messages import METERS, Report

_UNUSABLE: Final = (AmeublementError, AttributeError, KeyError, TypeError, ValueError)
"""What comes of a file that is not as it was written."""
_SOON_TOLD_AGAIN: Final = METERS | {Report.ROOM_METER, "/reel/lead"}


class HubMemory:
    """The file `path`, of the hub that died, and then of this one."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._written = ""

    def take(self) -> dict[str, Any]:
        """What there is, or nothing. Only once: should it be what ends a hub, the next one begins without it."""
        try:
            memory = json.loads(self._path.read_text("utf-8"))
            self._path.unlink()
        except (OSError, ValueError):
            return {}
        return memory if isinstance(memory, dict) else {}

    def write(self, memory: Mapping[str, Any]) -> None:
        """Put it there, if it is new. Raises OSError."""
        text = json.dumps(memory)
        if text != self._written:
            write_whole(self._path, text)
            self._written = text


def memory_of(hub: Hub, timekeeper: Timekeeper | None) -> dict[str, Any]:
    """As values of JSON."""
    shown = {path: told for path, told in hub.subscribers.shown.items() if path not in _SOON_TOLD_AGAIN}
    learning, player = hub.midi.learning, hub.sessions.player
    return {
        "subscribers": list(hub.subscribers.subscribers),
        "pages": [[*who, page] for who, page in hub.pages.looking.items()],
        "targets": hub.targets.to_json(),
        "shown": shown,
        "undo": hub.actions.undo.to_json(),
        "learning": [learning.begun_s, learning.target] if learning else None,
        "playing": player.to_json() if player else None,
        "presence": hub.presence.to_json(),
        "day": [timekeeper.done.mood, timekeeper.done.is_open] if timekeeper else None,
    }


def restore(hub: Hub, timekeeper: Timekeeper | None, memory: Mapping[str, Any]) -> None:
    """Go on where the hub was that left this. What cannot be used of it is left out."""
    for restore_one in (_restore_shown, _restore_doings, _restore_listeners):
        with suppress(*_UNUSABLE):
            restore_one(hub, memory)
    with suppress(*_UNUSABLE):
        if timekeeper and memory["day"]:
            mood, is_open = memory["day"]
            timekeeper.done = Wanted(mood, bool(is_open))


def _restore_shown(hub: Hub, memory: Mapping[str, Any]) -> None:
    hub.subscribers.shown |= {str(path): tuple(told) for path, told in memory["shown"].items()}


def _restore_doings(hub: Hub, memory: Mapping[str, Any]) -> None:
    hub.presence.restore(memory["presence"])
    hub.actions.undo.restore(memory["undo"])
    if memory["learning"]:
        hub.midi.go_on_learning(*memory["learning"])
    if memory["playing"]:
        hub.sessions.go_on_playing(memory["playing"])


def _restore_listeners(hub: Hub, memory: Mapping[str, Any]) -> None:
    """All subscribers get all values again: some may have changed unseen."""
    for host, port in memory["subscribers"]:
        hub.subscribers.subscribe((str(host), int(port)))
        hub.subscribers.dump((str(host), int(port)), hub.state.values)
    hub.targets.restore(memory["targets"])
    for host, port, page in memory["pages"]:
        hub.pages.show_page((str(host), int(port)), str(page))
