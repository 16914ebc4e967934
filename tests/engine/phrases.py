"""Phrases for tests: hypothesis strategies, and a source that answers every request as a fair network would."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from random import Random

from hypothesis import strategies as st

from engine.music.notes import Note, PedalSpan, Phrase, sorted_notes
from engine.music.phrases.store import Request
from engine.music.scale import Scale
from engine.parameters.scales import MODES

times = st.integers(0, 2000).map(lambda n: n / 100)
lengths = st.integers(1, 400).map(lambda n: n / 100)
notes = st.builds(Note, times, st.integers(21, 108), lengths, st.integers(1, 127))
wild_notes = st.builds(
    Note, times, st.integers(0, 127), st.integers(1, 6000).map(lambda n: n / 100), st.integers(1, 127)
)
spans = st.builds(lambda start, length: PedalSpan(start, round(start + length, 4)), times, lengths)
phrases = st.builds(
    lambda many, pedal: Phrase(sorted_notes(many), tuple(sorted(pedal)), "test", 1),
    st.lists(notes, min_size=4, max_size=40),
    st.lists(spans, max_size=4),
)
wild_phrases = st.builds(
    lambda many, pedal: Phrase(sorted_notes(many), tuple(sorted(pedal))),
    st.lists(wild_notes, max_size=60),
    st.lists(spans, max_size=4),
)


def wandering(seed: int, density_notes_per_s: float, phrase_s: float) -> Phrase:
    """A phrase as a half-trained network plays: two hands wandering, mostly in some key, uneven, with some pedal."""
    generator = Random(seed)
    played: list[Note] = []
    right, left, onset_s = 72, 48, 0.4
    while onset_s < phrase_s:
        right = min(max(right + generator.choice((-4, -2, -1, 1, 2, 3)), 58), 88)
        played.append(Note(onset_s, right, generator.uniform(0.1, 1.5), generator.randint(35, 90)))
        if generator.random() < 0.4:
            left = min(max(left + generator.choice((-5, -2, 2, 3, 7, -7)), 33), 60)
            chord = (0, 7, 12, 16)[: generator.randint(1, 4)]
            played += [
                Note(onset_s, left + step, generator.uniform(0.5, 3.0), generator.randint(30, 70)) for step in chord
            ]
        onset_s += generator.expovariate(density_notes_per_s / 1.9)
    pedal = tuple(PedalSpan(2.0 * i, 2.0 * i + 1.7) for i in range(int(phrase_s / 2)) if generator.random() < 0.6)
    key = Scale(seed % 12, MODES["major"])
    tamed = [replace(n, pitch=key.quantise(n.pitch)) if generator.random() < 0.8 else n for n in played]
    return Phrase(sorted_notes({(n.onset_s, n.pitch): n for n in tamed}.values()), pedal, "test", seed)


class Wanderer:
    """A phrase source that has everything, at once."""

    def __init__(self) -> None:
        self.wanted: list[Request] = []

    def want(self, requests: Iterable[Request]) -> None:
        self.wanted = list(requests)

    def take(self, request: Request) -> Phrase | None:
        phrase = wandering(request.seed, request.density_notes_per_s, request.phrase_s)
        return replace(phrase, performer=request.performer)


class Nobody:
    """A phrase source that never has anything."""

    def want(self, requests: Iterable[Request]) -> None:
        pass

    def take(self, request: Request) -> Phrase | None:
        return None
