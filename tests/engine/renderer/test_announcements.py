"""What a room hears of reels: what follows, all of it after its start, and again where it may have missed some."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from engine.osc.port import LOOPBACK, Message, OscPort
from engine.parameters.stems import CHANNELS, SAMPLE_RATE_HZ
from engine.reels.cutter import ReelFolder
from engine.reels.format import REEL_FRAMES, TAIL_FRAMES
from engine.reels.hold_refresh import FIRST_AFTER_S, HoldRefresher
from engine.renderer import announcements as announcements_module
from engine.renderer.announcements import AGAIN_S, Announcements

REEL = np.full((REEL_FRAMES + TAIL_FRAMES, CHANNELS), 0.25, np.float32)


class Room:
    """A socket in its place, and a clock of our own."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.port, self._osc = OscPort(LOOPBACK, 0), OscPort(LOOPBACK, 0)
        self.now_s = 1000.0
        monkeypatch.setattr(announcements_module, "time", SimpleNamespace(monotonic=lambda: self.now_s))
        self.reels, self.hold = ReelFolder(folder / "reels"), HoldRefresher(folder / "hold", loop_s=8.0)
        self.said = Announcements(self._osc, (LOOPBACK, self.port.port), self.reels, self.hold)

    def heard(self) -> list[tuple[str, str, object]]:
        """Address, file and seam of each message."""
        messages = [one for one in self.port.received() if isinstance(one, Message)]
        return [(one.path, Path(str(one.arguments[0])).name, [*one.arguments, None][1]) for one in messages]

    def close(self) -> None:
        self.port.close()
        self._osc.close()


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Room]:
    made = Room(tmp_path, monkeypatch)
    yield made
    made.close()


def test_the_first_reel_is_a_seam_and_those_that_follow_are_none(room: Room) -> None:
    for _ in range(2):
        reel = room.reels.write(REEL)
        room.said.ready(reel, reel.seam)
    assert room.heard() == [("/reel/ready", "a-000.wav", 1.0), ("/reel/ready", "a-001.wav", 0.0)]


def test_a_room_that_has_just_started_hears_of_all_it_could_play_from_a_seam_on(room: Room) -> None:
    written = [room.reels.write(REEL) for _ in range(4)]
    room.reels.played(written[1].path)
    room.said.all()
    assert room.heard() == [("/reel/ready", "a-002.wav", 1.0), ("/reel/ready", "a-003.wav", 0.0)]


def test_what_may_have_been_missed_is_said_again_once_no_reel_was_taken_for_a_while(room: Room) -> None:
    room.reels.write(REEL)
    room.said.put_off()
    room.now_s += AGAIN_S - 0.01
    room.said.again_if_due()
    assert room.heard() == []
    room.now_s += 0.01
    for _ in range(2):
        room.said.again_if_due()
    assert room.heard() == [("/reel/ready", "a-000.wav", 1.0)]


def test_a_new_hold_loop_is_said_and_said_to_who_starts(room: Room) -> None:
    rng = np.random.default_rng(1)
    second = (0.1 * rng.standard_normal((SAMPLE_RATE_HZ, 2))).astype(np.float32)
    for _ in range(round(FIRST_AFTER_S)):
        room.said.refresh_hold()
        room.hold.add(second)
    assert room.heard() == []
    room.said.refresh_hold()
    [(path, name, _)] = room.heard()
    assert (path, name) == ("/hold/load", "lately-a.wav")
    room.said.all()
    assert [(path, name) for path, name, _ in room.heard()] == [("/hold/load", "lately-a.wav")]


def test_what_cannot_be_a_loop_is_not_said(room: Room) -> None:
    silence = np.zeros((SAMPLE_RATE_HZ, 2), np.float32)
    for _ in range(round(FIRST_AFTER_S)):
        room.hold.add(silence)
    room.said.refresh_hold()
    assert room.heard() == []
