"""What the conductor remembers: the last phrases, which of them come back, and when."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random
from typing import Final

from engine.music.conductor.selection import fit
from engine.music.notes import Phrase
from engine.music.phrases.traits import Traits

CAPACITY: Final = 24
LEAST_FIT: Final = 0.2
"""A theme may return where it does not fit, too."""
ELSEWHERE: Final = 0.04
"""How much weaker a phrase of another mood wants to return."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """A phrase as it was first arranged from: `number` is its place in the run, `heard` how often it has sounded.

    `traits` are those with which it was heard then.
    """

    number: int
    phrase: Phrase
    mood: str
    traits: Traits | None = None
    heard: int = 1
    last_heard: int = 0


@dataclass(frozen=True, slots=True)
class PhraseMemory:
    """At most `CAPACITY` phrases, oldest first; an immutable value. The least loved goes when it is full."""

    entries: tuple[Remembered, ...] = ()

    def __len__(self) -> int:
        return len(self.entries)

    def with_phrase(self, number: int, phrase: Phrase, mood: str, traits: Traits | None = None) -> PhraseMemory:
        """This memory with a new phrase; a full one forgets what was heard longest ago, themes last of all."""
        kept = self.entries
        if len(kept) >= CAPACITY:
            gone = min(kept, key=lambda entry: (entry.last_heard + 6 * min(entry.heard - 1, 4), entry.number))
            kept = tuple(entry for entry in kept if entry is not gone)
        return PhraseMemory((*kept, Remembered(number, phrase, mood, traits, last_heard=number)))

    def with_heard(self, number: int, now: int) -> PhraseMemory:
        """This memory after phrase `number` has sounded once more, as the `now`th of the run."""
        return PhraseMemory(
            tuple(
                replace(entry, heard=entry.heard + 1, last_heard=now) if entry.number == number else entry
                for entry in self.entries
            )
        )

    def recall(
        self, now: int, mood: str, generator: Random, before: Traits | None = None, answer: float = 0.0
    ) -> Remembered | None:
        """The phrase that returns as the `now`th of the run, or None if there is none but the last.

        What was heard two phrases ago is likeliest (A–B–A); then what opened the stretch about eight ago; then, now
        and then, an old theme. The phrase just heard follows itself only if it is new, and then with the probability
        `answer` (A–A). A mood recalls its own phrases, and only once it has some, now and then, one of another mood. Of
        these, what follows `before` better is likelier.
        """
        stated = self._just_stated(now, mood)
        if stated is not None and generator.random() < answer:
            return stated
        choices = [entry for entry in self.entries if now - entry.last_heard >= 2]
        if not any(entry.mood == mood for entry in choices):
            return None
        pulls = [
            _pull(now - entry.last_heard, entry.heard)
            * (1.0 if entry.mood == mood else ELSEWHERE)
            * (LEAST_FIT + fit(before, entry.traits) if entry.traits else 1.0)
            for entry in choices
        ]
        return generator.choices(choices, pulls)[0]

    def _just_stated(self, now: int, mood: str) -> Remembered | None:
        """The phrase before the `now`th, if it was heard for the first time then and is of this mood."""
        last = self.entries[-1] if self.entries else None
        return last if last is not None and last.number == now - 1 and last.mood == mood else None


def _pull(ago: int, heard: int) -> float:
    """How likely a phrase returns: most after one other and after about eight, never not at all."""
    near = 3.0 if ago == 2 else 1.2 if ago in (3, 4) else 0.0
    far = 2.0 if 6 <= ago <= 10 else 0.0
    worn = 1.0 / (1.0 + 0.35 * max(0, heard - 2))
    return (0.5 + near + far) * worn
