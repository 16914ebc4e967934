"""Visitors at a keyboard: given to the performer when their hands rest, and told of to people."""

from __future__ import annotations

import pytest

from engine.hub.midi.visits import FORGET_S, Visits
from engine.music.conductor.visitor_reply import ORIGIN
from engine.music.notes import Phrase
from engine.osc.port import Message

WHO = ("127.0.0.1", 1)


class Visit:
    """On a clock that is set by hand."""

    def __init__(self, wanted: str = "answer") -> None:
        self.now_s, self.wanted = 100.0, wanted
        self.visits = Visits(lambda: self.wanted, lambda: self.now_s)

    def play(self, *pitches: int) -> None:
        for pitch in pitches:
            for velocity in (70, 0):
                self.visits.take(Message("/midi/note", (1, pitch, velocity), WHO))
                self.now_s += 0.15

    def rest(self, seconds: float) -> list[Phrase]:
        given = []
        for _ in range(round(10 * seconds)):
            self.now_s += 0.1
            if phrase := self.visits.step():
                given.append(phrase)
        return given


def test_what_was_played_is_given_once_when_the_hands_rest() -> None:
    visit = Visit()
    visit.play(62, 66, 69, 74)
    assert str(visit.visits) == "listening: 4 notes"
    [phrase] = visit.rest(30.0)
    assert [note.pitch for note in phrase.notes] == [62, 66, 69, 74]
    assert str(visit.visits) == "thinking of an answer"
    visit.visits.phrase_begins("satie #12")
    assert str(visit.visits) == "thinking of an answer", "that is no answer"
    visit.visits.phrase_begins(f"satie #13, {ORIGIN}")
    assert str(visit.visits) == ORIGIN
    visit.visits.phrase_begins("satie #14")
    assert str(visit.visits) == "none"


def test_nobody_waits_for_ever() -> None:
    visit = Visit()
    visit.play(62, 66, 69, 74)
    visit.rest(30.0)
    visit.rest(FORGET_S + 1.0)
    assert str(visit.visits) == "none"


@pytest.mark.parametrize("moment", ["before", "meanwhile"])
def test_a_mood_without_visitors_hears_none(moment: str) -> None:
    visit = Visit("off" if moment == "before" else "answer")
    visit.play(62, 66, 69, 74)
    visit.wanted = "off"
    assert visit.rest(30.0) == []
    assert str(visit.visits) != "thinking of an answer"
