"""A chord that is held: the studio plays in it from the next step on, and it is heard within a second."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engine.music.key_events import Action, KeyEvent
from engine.parameters.moods import load_mood
from engine.parameters.stems import SAMPLE_RATE_HZ
from engine.reels.format import LEAD_REELS, REEL_S, STEERED_LEAD_REELS, TAIL_FRAMES
from engine.reels.reel_keys import ReelKeys
from engine.renderer.studio import Studio
from tests.engine.renderer.test_renderer import Installation
from tests.engine.renderer.test_studio import open_studio, steps

F_MAJOR = (53, 57, 60)
CHORD = {5, 9, 0}


@pytest.fixture
def played() -> list[KeyEvent]:
    return []


@pytest.fixture
def studio(played: list[KeyEvent]) -> Iterator[Studio]:
    made = open_studio(load_mood("gymnopedie"), soundfont=None, on_key=played.append)
    yield made
    made.close()


def struck(played: list[KeyEvent], since: int, until: int = 10**9) -> set[int]:
    """Pitch classes that voices with pitches strike from a frame on."""
    return {
        event.pitch % 12
        for event in played
        if event.action == Action.ON and event.voice != "drums" and since <= event.frame < until
    }


def test_all_that_begins_after_a_chord_is_in_it_until_it_is_let_go(studio: Studio, played: list[KeyEvent]) -> None:
    steps(studio, 6)
    assert not struck(played, 0) <= CHORD, "D major has other tones"
    steered = studio.frame
    studio.steer(F_MAJOR)
    steps(studio, 20)
    assert struck(played, steered) <= CHORD
    assert len([e for e in played if e.action == Action.ON and e.frame >= steered]) > 15
    studio.steer(())
    let_go = studio.frame
    while struck(played, let_go) <= CHORD and studio.frame < let_go + 40 * SAMPLE_RATE_HZ:
        steps(studio, 2)
    assert not struck(played, let_go) <= CHORD, "the mood has its harmony back with the next phrase"


def test_a_chord_makes_no_click_and_no_key_hangs(studio: Studio, played: list[KeyEvent]) -> None:
    pieces = [steps(studio, 5)[1]]
    for keys in (F_MAJOR, (50, 54, 57), (52, 55, 59), F_MAJOR):
        studio.steer(keys)
        pieces.append(steps(studio, 1.5)[1])
    mix = np.concatenate(pieces)
    assert np.abs(np.diff(mix, 2, axis=0)).max() < 0.2
    studio.next_phrase()
    steps(studio, 44)
    down: set[tuple[str, int]] = set()
    longest = 0
    since: dict[tuple[str, int], int] = {}
    for event in played:
        key = (event.voice, event.pitch)
        if event.action == Action.ON:
            down.add(key)
            since[key] = event.frame
        elif event.action == Action.OFF and key in down:
            down.discard(key)
            longest = max(longest, event.frame - since[key])
    assert longest < 40 * SAMPLE_RATE_HZ
    assert all(studio.frame - since[key] < 40 * SAMPLE_RATE_HZ for key in down)


class PlayingRoom:
    """A room that takes a reel every 0.512 s, as Pure Data does, and remembers when."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._due_s = 0.0
        self.late = 0
        self.heard: list[tuple[float, KeyEvent]] = []
        """When each key was struck, monotonic."""

    def play(self, seconds: float) -> None:
        end_s = time.monotonic() + seconds
        while time.monotonic() < end_s:
            self._installation.listen()
            if time.monotonic() >= self._due_s:
                self._take()
            time.sleep(0.003)

    def _take(self) -> None:
        if not self._installation.queue:
            self.late += 1 if self._due_s else 0
            self._due_s = time.monotonic() + 0.05 if self._due_s else 0.0
            return
        now_s = self._due_s or time.monotonic()
        path = self._installation.queue.pop(0)
        keys = ReelKeys.read(Path(path)).events
        self.heard += [(now_s + e.frame / SAMPLE_RATE_HZ, e) for e in keys if e.action == Action.ON]
        self._installation.tell("/reel/playing", path)
        self._due_s = now_s + REEL_S


def test_a_chord_is_in_the_reel_after_the_next(tmp_path: Path) -> None:
    """So it is heard 0.6 to 1.1 s after it was told; with the usual lead it would be 2.7 to 3.2 s."""
    installation = Installation(tmp_path)
    try:
        installation.start()
        installation.until(lambda: len(installation.queue) == LEAD_REELS)
        installation.tell("/renderer/chord", *F_MAJOR)
        installation.play(LEAD_REELS + 4)
        installation.until(lambda: len(installation.queue) == STEERED_LEAD_REELS)
        time.sleep(1.0)
        installation.listen()
        assert len(installation.queue) == STEERED_LEAD_REELS, "and no more, however long the room waits"
        for keys in ((50, 54, 57), (52, 55, 59)):
            installation.tell("/renderer/chord", *keys)
            installation.play(1)
            heard: list[KeyEvent] = []
            for _ in range(8):
                installation.until(lambda: bool(installation.queue))
                events = ReelKeys.read(Path(installation.queue[0])).events
                heard += [e for e in events if e.action == Action.ON and (heard or e.frame >= TAIL_FRAMES)]
                installation.play(1)
            assert {e.pitch % 12 for e in heard if e.voice != "drums"} <= {key % 12 for key in keys}
            assert heard
    finally:
        installation.close()


@pytest.mark.realtime
def test_a_chord_is_heard_after_about_a_second_while_one_steers(tmp_path: Path) -> None:
    installation = Installation(tmp_path)
    try:
        installation.start()
        installation.until(lambda: len(installation.queue) == LEAD_REELS)
        room = PlayingRoom(installation)
        installation.tell("/renderer/chord", *F_MAJOR)
        room.play(4.0)
        assert len(installation.queue) <= STEERED_LEAD_REELS, "no more reels than that are ahead of who steers"
        waits_s = []
        for number, keys in enumerate(((50, 54, 57), (52, 55, 59), F_MAJOR, (50, 54, 57), (52, 55, 59))):
            told_s = time.monotonic()
            installation.tell("/renderer/chord", *keys)
            room.play(2.6 + 0.17 * number % 0.5)
            chord = {key % 12 for key in keys}
            foreign = [at for at, e in room.heard if e.pitch % 12 not in chord and e.voice != "drums" and at > told_s]
            last_foreign_s = max(foreign, default=told_s)
            obeying = [at for at, e in room.heard if e.pitch % 12 in chord and at > max(told_s, last_foreign_s)]
            assert obeying
            waits_s.append(min(obeying) - told_s)
        print(f"a chord is heard after {np.mean(waits_s):.2f} s, at most {max(waits_s):.2f} s; late {room.late}")
        assert np.median(waits_s) < 1.2
    finally:
        installation.close()
