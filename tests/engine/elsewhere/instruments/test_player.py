"""Keys leave when their sound is heard, and whatever happens each one that went down comes up again."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.elsewhere.instruments.keyboard import Keyboard
from engine.elsewhere.instruments.player import OVERDUE_S, TOO_LATE_S, Player, Route
from engine.music.key_events import Action, KeyEvent
from engine.reels.format import REEL_FRAMES, REEL_S
from engine.reels.reel_keys import ReelKeys


@dataclass
class Instrument:
    """Takes keys as a MIDI port does, and knows which are down."""

    sent: list[tuple[str, int, int]] = field(default_factory=list)
    down: set[int] = field(default_factory=set)
    pedal_is_down: bool = False
    releases: int = 0

    def key(self, voice: str, pitch: int, velocity: int) -> None:
        assert velocity == 0 or pitch not in self.down, "a key that is down cannot be struck"
        self.sent.append((voice, pitch, velocity))
        (self.down.add if velocity else self.down.discard)(pitch)

    def pedal(self, voice: str, down: bool) -> None:
        self.pedal_is_down = down

    def release(self) -> None:
        self.releases += 1

    @property
    def is_at_rest(self) -> bool:
        return not self.down and not self.pedal_is_down


@dataclass
class Stage:
    """A player with one instrument, driven by a clock of the test's."""

    ahead_s: float = 0.0
    soft_ahead_s: float = 0.0
    instrument: Instrument = field(default_factory=Instrument)

    def __post_init__(self) -> None:
        self.keyboard = Keyboard(self.instrument)
        self.player = Player(lambda _: [Route(self.keyboard, self.ahead)], lambda: [self.keyboard])

    def ahead(self, velocity: int) -> float:
        if velocity == 0:
            return min(self.ahead_s, self.soft_ahead_s)
        return self.ahead_s + (self.soft_ahead_s - self.ahead_s) * (127 - velocity) / 126

    def run(self, from_s: float, to_s: float) -> None:
        """Steps of 10 ms, as the process takes them."""
        for hundredth in range(round(100 * (to_s - from_s)) + 1):
            self.player.step(from_s + hundredth / 100)

    def struck(self) -> list[int]:
        return [pitch for _, pitch, velocity in self.instrument.sent if velocity]


def keys(number: int, *events: KeyEvent, generation: str = "a") -> ReelKeys:
    return ReelKeys(events, {"piano": "Disklavier"}, generation, number)


def on(frame: int, pitch: int, velocity: int = 80, voice: str = "piano") -> KeyEvent:
    return KeyEvent(frame, voice, Action.ON, pitch, velocity)


def off(frame: int, pitch: int, voice: str = "piano") -> KeyEvent:
    return KeyEvent(frame, voice, Action.OFF, pitch)


def test_a_key_leaves_when_its_frame_is_heard_and_not_before() -> None:
    stage = Stage()
    stage.player.reel_begins(keys(0, on(4_800, 60), off(9_600, 60)), 10.0)
    stage.player.step(10.0999)
    assert stage.struck() == []
    assert stage.player.next_s(10.0) == pytest.approx(0.1)
    stage.player.step(10.1001)
    assert stage.struck() == [60]
    stage.player.step(10.2001)
    assert stage.instrument.is_at_rest


def test_an_instrument_that_takes_long_is_struck_ahead_also_across_reels() -> None:
    stage = Stage(ahead_s=0.1, soft_ahead_s=0.1)
    following = keys(1, on(2_400, 62))
    stage.player.reel_begins(keys(0), 10.0, following)
    stage.player.step(10.0 + REEL_S - 0.06)
    assert stage.struck() == []
    stage.player.step(10.0 + REEL_S - 0.04)
    assert stage.struck() == [62], "0.05 s after the seam less 0.1 s ahead"
    stage.player.reel_begins(following, 10.0 + REEL_S)
    stage.player.step(10.0 + REEL_S + 0.3)
    assert stage.struck() == [62], "once, though its reel was announced twice"


def test_a_soft_stroke_leaves_earlier_than_a_hard_one() -> None:
    stage = Stage(ahead_s=0.02, soft_ahead_s=0.2)
    stage.player.reel_begins(keys(0, on(14_400, 60, 127), on(14_400, 64, 1)), 0.0)
    stage.player.step(0.15)
    assert stage.struck() == [64]
    stage.player.step(0.29)
    assert stage.struck() == [64, 60]


def test_what_ends_a_note_leaves_the_next_one_on_its_key_alone() -> None:
    """The second stroke leaves before the end of the first, for it is soft and so leaves further ahead."""
    stage = Stage(ahead_s=0.0, soft_ahead_s=0.2)
    events = (on(4_800, 60, 127), off(12_000, 60), on(12_064, 60, 60), off(20_000, 60))
    stage.player.reel_begins(keys(0, *events), 0.0)
    stage.run(0.0, 0.3)
    assert stage.struck() == [60, 60]
    assert stage.instrument.down == {60}
    stage.run(0.3, 0.45)
    assert stage.instrument.is_at_rest


def test_strokes_of_one_key_keep_their_order() -> None:
    stage = Stage(ahead_s=0.0, soft_ahead_s=0.2)
    stage.player.reel_begins(keys(0, on(9_600, 60, 127), on(10_000, 60, 1), off(12_000, 60)), 0.0)
    stage.run(0.0, 0.3)
    assert [velocity for _, _, velocity in stage.instrument.sent if velocity] == [127, 1]
    assert stage.instrument.is_at_rest


def test_nothing_of_the_next_reel_leaves_before_the_room_has_begun_it() -> None:
    stage = Stage()
    following = keys(1, on(0, 62))
    stage.player.reel_begins(keys(0), 0.0, following)
    stage.player.step(REEL_S + 0.1)
    assert stage.struck() == []
    stage.player.reel_begins(following, REEL_S + 0.1)
    stage.player.step(REEL_S + 0.101)
    assert stage.struck() == [62]


@pytest.mark.parametrize(
    "after",
    [keys(2), keys(1, generation="b"), keys(0)],
    ids=["one is left out", "another renderer", "another room begins with the same"],
)
def test_where_a_reel_does_not_follow_every_key_comes_up(after: ReelKeys) -> None:
    stage = Stage()
    stage.player.reel_begins(keys(0, on(0, 60), KeyEvent(0, "piano", Action.PEDAL, value=1)), 0.0)
    stage.player.step(0.01)
    assert stage.instrument.down == {60}
    assert stage.instrument.pedal_is_down
    stage.player.reel_begins(after, REEL_S)
    assert stage.instrument.is_at_rest


def test_a_note_may_last_through_many_reels() -> None:
    stage = Stage()
    for number in range(20):
        stage.player.reel_begins(keys(number, *([on(0, 60)] if number == 0 else [])), number * REEL_S)
        stage.run(number * REEL_S, number * REEL_S + 0.5)
        assert stage.instrument.down == {60}
    assert stage.instrument.releases == 1, "at the very beginning, for what others left"


def test_a_room_that_says_nothing_any_more_lets_go() -> None:
    stage = Stage()
    stage.player.reel_begins(keys(0, on(0, 60)), 0.0)
    stage.run(0.0, REEL_S + OVERDUE_S - 0.02)
    assert stage.instrument.down == {60}
    stage.player.step(REEL_S + OVERDUE_S + 0.01)
    assert stage.instrument.is_at_rest


def test_a_key_that_comes_too_late_is_left_out_and_its_end_is_not() -> None:
    stage = Stage()
    stage.player.reel_begins(keys(0, on(0, 60), on(4_800, 64), off(9_600, 60), off(9_600, 64)), 0.0)
    stage.player.step(0.01)
    stage.player.step(0.101 + TOO_LATE_S)
    assert stage.struck() == [60]
    assert stage.player.left_out == 1
    assert stage.instrument.is_at_rest


def test_a_muted_voice_is_let_go_at_once_and_a_closed_room_lets_notes_end() -> None:
    stage = Stage()
    stage.player.reel_begins(keys(0, on(0, 60), on(0, 40, voice="cello"), on(9_600, 62), off(14_400, 40, "cello")), 0.0)
    stage.player.step(0.01)
    stage.player.silence({"piano"}, closed=False)
    assert stage.instrument.down == {40}
    stage.player.silence(set(), closed=True)
    stage.player.step(0.25)
    assert stage.struck() == [60, 40], "no new key in a closed room"
    assert stage.instrument.down == {40}
    stage.player.step(0.31)
    assert stage.instrument.is_at_rest


def test_two_voices_on_one_key_hold_it_until_both_have_let_go() -> None:
    stage = Stage()
    events = (on(0, 60), on(480, 60, voice="cello"), off(960, 60), off(4_800, 60, "cello"))
    stage.player.reel_begins(keys(0, *events), 0.0)
    stage.player.step(0.05)
    assert stage.instrument.down == {60}
    stage.player.step(0.11)
    assert stage.instrument.is_at_rest


_EVENT = st.builds(
    KeyEvent,
    st.integers(0, REEL_FRAMES - 1),
    st.sampled_from(["piano", "cello"]),
    st.sampled_from(list(Action)),
    st.integers(58, 62),
    st.integers(1, 127),
)
_HAPPENS = st.one_of(
    st.tuples(st.just("reel"), st.integers(0, 3), st.sampled_from("ab"), st.lists(_EVENT, max_size=6)),
    st.tuples(st.just("time"), st.floats(0.0, 0.7)),
    st.tuples(st.just("hold")),
    st.tuples(st.just("mute"), st.booleans(), st.booleans()),
)


@given(st.lists(_HAPPENS, max_size=25), st.floats(-0.3, 0.4), st.floats(-0.3, 0.4))
def test_whatever_happens_no_key_is_left_hanging(
    happens: list[tuple[object, ...]], ahead_s: float, soft_ahead_s: float
) -> None:
    stage, now_s = Stage(ahead_s, soft_ahead_s), 0.0
    for what, *more in happens:
        if what == "reel":
            number, generation, events = more
            ordered = sorted(events, key=lambda event: event.frame)
            stage.player.reel_begins(keys(number, *ordered, generation=generation), now_s)
        elif what == "time":
            now_s += more[0]
        elif what == "hold":
            stage.player.release()
            assert stage.instrument.is_at_rest
        else:
            stage.player.silence({"piano"} if more[0] else set(), closed=more[1])
        stage.player.step(now_s)
    stage.player.step(now_s + 5.0)
    assert stage.instrument.is_at_rest
    assert stage.keyboard.is_at_rest
