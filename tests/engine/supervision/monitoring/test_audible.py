"""Each check fires on its fault, once it has lasted, and on nothing else; all on a clock of our own."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest

from engine.reels.format import REEL_S
from engine.supervision.monitoring.audible import CHECKS, AudibleJudge

WINDOW_S = 16_384 / 48_000
Row = tuple[float, float, float]


class Listening:
    """Feeds a judge as a room would: windows of sound, and a reel every half second."""

    def __init__(self) -> None:
        self.judge = AudibleJudge()
        self.now_s = 1000.0
        self.count = 0
        self.alarms: set[str] = set()
        self._generator = Random(3)

    def play(self, length_s: float, row: Callable[[], Row] | None = None, *, reels: bool = True) -> Listening:
        end_s, reel_s = self.now_s + length_s, self.now_s
        while self.now_s < end_s:
            if reels and self.now_s >= reel_s:
                self.judge.reel(self.now_s)
                reel_s += REEL_S
            self.count = (self.count + 1) % 1_000_000
            self.judge.output(self.count, *(row or self.music)(), self.now_s)
            self.alarms.update(self.judge.failing)
            self.now_s += WINDOW_S
        return self

    def stand_still(self, length_s: float) -> Listening:
        """The meter's clock goes on; no sound is computed."""
        for _ in range(round(length_s)):
            self.judge.output(self.count, -25.0, -25.0, -90.0, self.now_s)
            self.alarms.update(self.judge.failing)
            self.now_s += 1.0
        return self

    def render_nothing(self, length_s: float) -> Listening:
        """The hold loop sounds; the renderer answers twice a second, and has no reel."""
        for _ in range(round(2 * length_s)):
            self.judge.lead(0.0, self.now_s)
            self.play(0.5, reels=False)
        return self

    def refuse(self, length_s: float) -> Listening:
        """The hold loop sounds; the room tries every second, and no reel is good."""
        for _ in range(round(length_s)):
            self.judge.hold(True)
            self.judge.refused(self.now_s)
            self.play(1.0, reels=False)
        return self

    def music(self) -> Row:
        return self._generator.uniform(-45, -15), self._generator.uniform(-45, -15), self._generator.uniform(-90, -50)


FAULTS: dict[str, Callable[[Listening], object]] = {
    "silence": lambda room: room.play(14, lambda: (-100.0, -100.0, -100.0)),
    "loud": lambda room: room.play(4, lambda: (-4.0, -5.0, -60.0)),
    "dc": lambda room: room.play(6, lambda: (-18.0 - room.music()[0] / 100, -20.0, -22.0)),
    "stuck": lambda room: room.play(5, lambda: (-40.0, -40.0, -40.1)),
    "frozen": lambda room: room.stand_still(5),
    "same level": lambda room: room.play(30, lambda: (-31.234, -33.456, -80.0)),
    "deck": lambda room: room.play(6, reels=False),
    "refused": lambda room: room.refuse(8),
    "held": lambda room: (room.judge.hold(True), setattr(room.judge, "lead_reels", 5.0), room.play(25, reels=False)),
    "barren": lambda room: (room.judge.hold(True), room.render_nothing(35)),
}


def test_every_check_has_its_fault_here() -> None:
    assert set(FAULTS) == set(CHECKS)


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_noticed_and_so_is_its_end(name: str) -> None:
    room = Listening().play(20)
    assert room.alarms == set()
    FAULTS[name](room)
    assert name in room.alarms
    room.judge.hold(False)
    for _ in range(10):
        room.judge.lead(5.0, room.now_s)
        room.play(1)
    assert room.judge.failing == []


def test_a_renderer_that_takes_minutes_to_load_is_left_alone() -> None:
    """The room holds meanwhile; whoever ends a slow starter makes it start forever."""
    room = Listening()
    room.judge.hold(True)
    room.play(600, reels=False)
    room.judge.renderer_began()
    room.render_nothing(20)
    assert room.alarms == set()


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_that_passes_at_once_is_none(name: str) -> None:
    room = Listening().play(20)
    for _ in range(20):
        if name == "frozen":
            room.stand_still(1)
        elif name == "deck":
            room.play(1.5, reels=False)
        elif name == "barren":
            room.judge.hold(True)
            room.render_nothing(3)
            room.judge.hold(False)
            room.judge.lead(5.0, room.now_s)
        elif name == "refused":
            room.refuse(2)
            room.judge.hold(False)
        elif name == "held":
            room.judge.hold(True)
            room.play(3, reels=False)
            room.judge.hold(False)
        else:
            room.play(2.0, lambda: {"silence": (-100.0,) * 3, "loud": (-4.0, -4.0, -60.0)}.get(name, (-40.0,) * 3))
        room.play(3)
    assert room.alarms == set()


def test_who_closes_the_faders_wants_silence() -> None:
    nothing = (-100.0, -100.0, -100.0)
    room = Listening().play(5)
    room.judge.expect(wanted=False, raised_db=0.0)
    room.play(300, lambda: nothing)
    assert room.alarms == set()
    assert room.now_s - room.judge.moved_s < 1.0, "silence that is wanted is progress"
    room.judge.expect(wanted=True, raised_db=0.0)
    assert "silence" in room.play(15, lambda: nothing).alarms


def test_who_turns_it_up_may_have_it_louder() -> None:
    room = Listening().play(5)
    room.judge.expect(wanted=True, raised_db=9.0)
    assert room.play(20, lambda: (-9.0, -9.5, -60.0)).alarms == set()
    assert room.play(20, lambda: (-3.0, -3.5, -60.0)).alarms == {"loud"}


def test_progress_is_what_is_heard() -> None:
    room = Listening().play(5)
    heard_s = room.judge.moved_s
    assert room.now_s - heard_s < 1.0
    room.play(20, lambda: (-100.0, -100.0, -100.0))
    assert room.judge.moved_s == heard_s
    room.stand_still(5)
    assert room.judge.moved_s == heard_s


def test_a_room_that_begins_is_judged_anew() -> None:
    room = Listening().play(5)
    room.stand_still(6)
    assert room.judge.failing
    room.judge.begin_anew()
    assert room.judge.failing == []
    assert room.play(60).judge.failing == []
