"""A stretch of a mood as its conductor plays it: what is new, what returns and how far varied, what is made by rule.

No sound is made, and nobody waits: the clock of the music moves on by the length of each score, and meanwhile the
sampler draws for as much processor time as has passed.
"""

from __future__ import annotations

import re
import statistics
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from engine.music.conductor.conductor import Conductor
from engine.music.conductor.themes import ORIGIN as OWN_WORDS
from engine.music.humanising import Humanise, as_written
from engine.music.notes import Phrase, Score, sorted_notes
from engine.music.phrases.store import Request
from engine.parameters.sound import Mood
from models.performers.drawing.returning import share_brought_back
from models.performers.evaluation.quality import excerpt
from models.performers.evaluation.self_similarity import share_returning

Draw = Callable[[Request], Phrase]
"""What the sampler answers a request with; an empty phrase where nothing was worth keeping."""

RECALL: Final = re.compile(r"recall of #(\d+)")
RULE: Final = "rule "
MINUTE_S: Final = 60.0
LEAD_S: Final = 3.0
"""So long the sampler draws before the first score, as at the start of an evening."""


class DrawnInTime:
    """A source of phrases whose sampler is as slow as it is: a phrase is there when its drawing would have ended."""

    def __init__(self, draw: Draw, clock_s: Callable[[], float] = time.process_time) -> None:
        self._draw, self._clock_s = draw, clock_s
        self._wanted: deque[Request] = deque()
        self._there_s: dict[str, float] = {}
        self._phrases: dict[str, Phrase] = {}
        self._now_s = self._free_s = 0.0
        self.drawn_s: list[float] = []
        """Processor time of each phrase."""

    def want(self, requests: Iterable[Request]) -> None:
        self._wanted = deque(request for request in requests if request.key not in self._phrases)

    def take(self, request: Request) -> Phrase | None:
        there = self._there_s.get(request.key, self._now_s + 1.0) <= self._now_s
        return self._phrases[request.key] if there else None

    def pass_by(self, seconds: float) -> None:
        """The music goes on for so long, and the sampler draws meanwhile."""
        self._free_s = max(self._free_s, self._now_s)
        self._now_s += seconds
        while self._wanted and self._free_s < self._now_s:
            request = self._wanted.popleft()
            begun_s = self._clock_s()
            self._phrases[request.key] = self._draw(request)
            self.drawn_s.append(self._clock_s() - begun_s)
            self._free_s += self.drawn_s[-1]
            self._there_s[request.key] = self._free_s


@dataclass(frozen=True)
class Heard:
    """One score of a stretch: what people are told of it, how long it is, and what its piano plays.

    `number` is that of a new phrase, `recalled` that of one that returns.
    """

    origin: str
    length_s: float
    piano: Phrase
    number: int | None
    recalled: int | None

    @property
    def by_rule(self) -> bool:
        return self.origin.startswith(RULE)

    @property
    def in_own_words(self) -> bool:
        return self.origin.endswith(OWN_WORDS)


def conducted(
    mood: Mood,
    source: DrawnInTime,
    seconds: float,
    seed: int,
    humanise: Humanise = as_written,
    heard: Callable[[float], None] = lambda _: None,
) -> list[Heard]:
    """What a mood plays for at least so long.

    Args:
        heard: told the length of each score.
    """
    conductor = Conductor(seed, mood, source, humanise=humanise)
    source.pass_by(LEAD_S)
    scores: list[Heard] = []
    while sum(score.length_s for score in scores) < seconds:
        found = _heard(conductor.next_score(), len(scores) + 1)
        scores.append(found)
        heard(found.length_s)
        source.pass_by(found.length_s)
    return scores


def _heard(score: Score, place: int) -> Heard:
    recall = RECALL.match(score.origin)
    number = None if recall else place
    piano = Phrase(score.voices.get("piano", ()))
    return Heard(score.origin, score.length_s, piano, number, int(recall.group(1)) if recall else None)


@dataclass(frozen=True)
class Account:
    """Of a stretch: scores, minutes, shares 0..1 of scores, and how far themes that return are themselves.

    `returning` is the share of scores that are returns, `themes` how many different ones, `in_own_words` the share of
    returns that a performer plays anew. `kept` is the share of a return's melodic turns that stood in the theme when it
    was first heard, the mean of all returns; `kept_by_chance` is the same beside another phrase. `by_rule` is the share
    of the time.
    """

    scores: int
    minutes: float
    returning: float
    themes: int
    in_own_words: float
    kept: float
    kept_by_chance: float
    by_rule: float
    melody_again: float
    quoting: float


def account(scores: Sequence[Heard], quotes_too_much: Callable[[Phrase], bool] = lambda _: False) -> Account:
    """What a stretch consists of; at least one score.

    Args:
        quotes_too_much: of the piano of a score.
    """
    first = {score.number: score.piano for score in scores if score.number is not None}
    returns = [(score, score.recalled) for score in scores if score.recalled in first and score.recalled is not None]
    kept = [share_brought_back(score.piano, first[theme]) for score, theme in returns]
    chance = [
        share_brought_back(score.piano, other)
        for score, theme in returns
        for number, other in first.items()
        if number != theme
    ]
    length_s = sum(score.length_s for score in scores)
    return Account(
        scores=len(scores),
        minutes=length_s / 60.0,
        returning=len(returns) / len(scores),
        themes=len({theme for _, theme in returns}),
        in_own_words=sum(score.in_own_words for score, _ in returns) / max(1, len(returns)),
        kept=statistics.fmean(kept or [0.0]),
        kept_by_chance=statistics.fmean(chance or [0.0]),
        by_rule=sum(score.length_s for score in scores if score.by_rule) / max(length_s, 1e-9),
        melody_again=statistics.fmean([share_returning(minute) for minute in _minutes(scores)] or [0.0]),
        quoting=sum(quotes_too_much(score.piano) for score in scores) / len(scores),
    )


def _minutes(scores: Sequence[Heard]) -> list[Phrase]:
    """What the piano plays in each whole minute."""
    begins_s = np.cumsum([0.0, *(score.length_s for score in scores)]).tolist()
    notes = [
        replace(note, onset_s=note.onset_s + begin_s)
        for begin_s, score in zip(begins_s, scores, strict=False)
        for note in score.piano.notes
    ]
    whole = Phrase(sorted_notes(notes))
    return [excerpt(whole, MINUTE_S * number, MINUTE_S) for number in range(int(begins_s[-1] / MINUTE_S))]
