"""The conductor: what plays next. New phrases, returns of old ones, and the slow arc that gives an hour its shape."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from engine.music.arranging.arranger import LEVEL, Shape, arrange, at_own_density
from engine.music.conductor.interpolation import ThemeOnItsWay, on_the_way
from engine.music.conductor.phrase_memory import PhraseMemory, Remembered
from engine.music.conductor.selection import Candidate, heard_traits, next_of
from engine.music.conductor.themes import ThemeReturn, restated_share, theme_return
from engine.music.conductor.variation import vary
from engine.music.conductor.visitor_reply import (
    ORIGIN,
    PATIENCE_SCORES,
    VisitorReply,
    answered,
    asked_to_accompany,
    asked_to_continue,
)
from engine.music.humanising import Humanise, as_written
from engine.music.notes import Phrase, Score
from engine.music.phrases.filter import judge
from engine.music.phrases.rule_based import rule_phrase
from engine.music.phrases.store import PhraseSource, Request
from engine.music.phrases.traits import Traits
from engine.music.scale import Scale
from engine.parameters.sound import Mood, SoundSettings
from engine.seeding import chance, seed_from

AHEAD: Final = 4
"""Phrases asked for in advance; the next one is chosen among those of them that are there."""
GOLDEN: Final = (math.sqrt(5.0) - 1.0) / 2.0
CENTRES: Final = (0, 0, 7, 0, 5, 9, 2)
"""Semitones above the root on which a phrase may be asked to dwell: mostly the tonic, sometimes elsewhere."""
SWELL_DENSITY: Final = 0.35
SWELL_LOUDNESS: Final = 0.14
ENOUGH_TO_RECALL: Final = 4
"""With fewer phrases in memory, a phrase that did not arrive is made by rule rather than recalled."""


OnPhrase = Callable[[int, Phrase, str], None]


@dataclass(frozen=True, slots=True)
class _Chosen:
    """A phrase ready to be arranged, and what people are told about it."""

    phrase: Phrase
    traits: Traits
    origin: str
    as_given: bool = False
    """Every note and its pace stay."""


class Conductor:
    """Endless scores from a seed, a mood and a source of phrases; memory and counters stay bounded for months.

    The same seed, the same calls and the same answers of `source` give the same scores. `source` is told what will
    be needed whenever that changes; it is never waited for. `on_phrase` is told each new phrase, with its number and
    the title of the mood, before it is arranged.
    """

    def __init__(
        self,
        seed: int,
        mood: Mood,
        source: PhraseSource,
        on_phrase: OnPhrase | None = None,
        remembered: Callable[[], Phrase | None] = lambda: None,
        humanise: Humanise = as_written,
    ) -> None:
        """`remembered` gives, while it has any, a phrase that was drawn earlier and not heard: what to play when
        nothing was drawn in time, before returns and rules. `humanise` gives those made by rule, and drums, a touch."""
        Scale.from_settings(mood.scale)
        self._seed = seed
        self._source = source
        self._on_phrase = on_phrase or _ignore
        self._remembered, self._humanise = remembered, humanise
        self._settings: SoundSettings = mood
        self._mood_title = mood.title
        self._memory = PhraseMemory()
        self._count = 0
        self._asked = 0
        self._pending: dict[int, int] = {}
        """Numbers of the requests that wait for their turn, and how often others were taken before them."""
        self._judged: dict[str, Candidate | None] = {}
        """What came for them, by the keys of requests; None is a phrase not worth keeping."""
        self._visitor_reply: VisitorReply | None = None
        self._theme: ThemeReturn | ThemeOnItsWay | None = None
        """The return that was asked for, if a return is next."""
        self._heard: Traits | None = None
        self._missed = 0
        self._elapsed_ms = 0
        self.now = ""
        self._ask_ahead()

    @property
    def settings(self) -> SoundSettings:
        return self._settings

    @property
    def upcoming(self) -> str:
        """For display: what the next score will most likely be."""
        recalled = self._recall() if self._is_recall(self._count) else None
        if recalled is not None:
            return f"return of #{recalled.number}"
        return f"{self._settings.performer.name} #{self._count + 1}"

    def wants(self) -> list[Request]:
        """The next phrases that will be needed, most urgent first; request i depends on seed, i and settings only."""
        visitor = [self._visitor_reply.request] if self._visitor_reply else []
        theme = [self._theme.request] if self._theme else []
        return visitor + theme + [self.request(index) for index in self._pending]

    def request(self, index: int) -> Request:
        """The `index`th request of this run under the present settings, numbers rounded so that small glides in
        settings do not ask for everything again."""
        performer = self._settings.performer
        scale = Scale.from_settings(self._settings.scale)
        centre = chance(self._seed, "centre", index).choice(CENTRES)
        crest = 1.0 + 0.5 * SWELL_DENSITY * self._settings.conductor.arc_depth
        return Request(
            performer=performer.name,
            seed=seed_from(self._seed, "request", index) & 0x7FFFFFFF,
            temperature=round(performer.temperature, 2),
            top_p=round(performer.top_p, 2),
            density_notes_per_s=float(f"{performer.density_notes_per_s * crest:.2g}"),
            pitch_class_weights=scale.pitch_class_weights(round(performer.scale_weight, 1), centre),
            phrase_s=float(round(performer.phrase_s)),
            quotation_notes=performer.quotation_notes,
            beat=round(performer.beat, 2) or None,
        )

    def continue_from(self, primer: Phrase) -> None:
        """A visitor has played `primer`: have it continued or accompanied, as the mood wants, and let that be the next
        phrase once it is there."""
        visitors = self._settings.performer.visitors
        if visitors not in ("off", "chords"):
            ask = asked_to_accompany if visitors == "accompanied" else asked_to_continue
            self._visitor_reply = VisitorReply(primer, ask(self.request(self._asked), primer))
            self._asked += 1
            self._ask_ahead()

    def answer_comes(self) -> bool:
        """Once, when the answer to a visitor has come and waits for nothing but the end of the phrase that plays."""
        visitor = self._visitor_reply
        if visitor is None or visitor.is_ready or self._source.take(visitor.request) is None:
            return False
        visitor.is_ready = True
        return True

    def change_mood(self, mood: Mood) -> None:
        """Begin another mood with the next score; phrases of this one are remembered."""
        Scale.from_settings(mood.scale)
        self._settings = mood
        self._mood_title = mood.title
        self._missed = 0
        self._ask_ahead()

    def set_settings(self, settings: SoundSettings) -> None:
        """Change values within the mood, from the next score on; `MoodError` (and no change) for an unknown scale."""
        Scale.from_settings(settings.scale)
        self._settings = settings
        self._ask_ahead()

    def next_score(self) -> Score:
        """The next score; the one after it begins `length_s` later."""
        number = self._count + 1
        shape = self.shape()
        chosen = self._choose(number, shape)
        seed = seed_from(self._seed, "score", self._count)
        settings = at_own_density(chosen.phrase, self._settings) if chosen.as_given else self._settings
        score = arrange(chosen.phrase, settings, seed, LEVEL if chosen.as_given else shape, humanise=self._humanise)
        self._count += 1
        self._elapsed_ms += round(score.length_s * 1000)
        self._heard = chosen.traits
        self.now = chosen.origin
        self._ask_ahead()
        return Score(score.voices, score.pedal, score.length_s, chosen.origin)

    def shape(self) -> Shape:
        """Where the slow arc stands: a swell of `arc_minutes`, and a slower one that never quite coincides with it."""
        conductor = self._settings.conductor
        turns = self._elapsed_ms / 60_000 / conductor.arc_minutes
        swell = 0.75 * math.sin(2 * math.pi * turns) + 0.25 * math.sin(2 * math.pi * GOLDEN**2 * turns + 1.0)
        depth = conductor.arc_depth * swell
        lift = 1 if depth > 0.45 else -1 if depth < -0.45 else 0
        lifted = lift if chance(self._seed, "lift", self._count).random() < abs(depth) * 0.7 else 0
        return Shape(1.0 + SWELL_DENSITY * depth, 1.0 + SWELL_LOUDNESS * depth, lifted)

    def _ask_ahead(self) -> None:
        """Keeps `AHEAD` requests waiting, and tells the source of them."""
        while len(self._pending) < AHEAD:
            self._pending[self._asked] = 0
            self._asked += 1
        self._theme = self._theme_to_return()
        wants = self.wants()
        keys = {request.key for request in wants}
        self._judged = {key: found for key, found in self._judged.items() if key in keys}
        self._source.want(wants)

    def _choose(self, number: int, shape: Shape) -> _Chosen:
        answer = self._answer(number)
        if answer is not None:
            return answer
        if self._is_recall(self._count):
            recalled = self._recall()
            if recalled is not None:
                return self._returned(recalled, number)
        drawn = self._drawn_phrase()
        if drawn is not None:
            self._missed = 0
            name = drawn.phrase.performer or self._settings.performer.name
            return self._new(drawn.phrase, drawn.traits, number, f"{name} #{number}")
        self._missed += 1
        earlier = self._drawn_earlier()
        if earlier is not None:
            name = earlier.performer or self._settings.performer.name
            return self._new(earlier, self._traits(earlier), number, f"{name} #{number}, drawn earlier")
        if self._missed % 2 == 0 and len(self._memory) >= ENOUGH_TO_RECALL:
            recalled = self._recall()
            if recalled is not None:
                return self._returned(recalled, number)
        return self._made_by_rule(number, shape)

    def _answer(self, number: int) -> _Chosen | None:
        """The continuation of what a visitor played, if it is there and worth keeping."""
        visitor = self._visitor_reply
        if visitor is None:
            return None
        phrase = self._source.take(visitor.request)
        if phrase is None:
            visitor.scores += 1
            self._visitor_reply = visitor if visitor.scores < PATIENCE_SCORES else None
            return None
        self._visitor_reply = None
        request = visitor.request
        if request.melody is not None and phrase.notes:
            return replace(
                self._new(phrase, self._traits(phrase), number, f"{request.performer} #{number}, {ORIGIN}"),
                as_given=True,
            )
        asked = (request.density_notes_per_s, request.phrase_s, request.pitch_class_weights, request.primer or ())
        kept = judge(phrase, *asked).phrase
        if kept is None:
            return None
        played = answered(visitor.primer, kept, self._settings.performer.visitors)
        return self._new(played, self._traits(played), number, f"{request.performer} #{number}, {ORIGIN}")

    def _drawn_phrase(self) -> Candidate | None:
        """The phrase that follows best among those asked for that are there and worth keeping; None without any."""
        candidates = [found for index in list(self._pending) if (found := self._candidate(index)) is not None]
        if not candidates:
            return None
        chosen = next_of(candidates, self._heard, chance(self._seed, "next", self._count))
        del self._pending[chosen.index]
        for other in candidates:
            if other is not chosen:
                self._pending[other.index] += 1
        return chosen

    def _candidate(self, index: int) -> Candidate | None:
        """What was drawn for a request, if it is there; one that is not worth keeping gives up its place."""
        request = self.request(index)
        if request.key not in self._judged:
            phrase = self._source.take(request)
            if phrase is None:
                return None
            verdict = judge(phrase, request.density_notes_per_s, request.phrase_s, request.pitch_class_weights)
            kept = verdict.phrase
            self._judged[request.key] = Candidate(index, kept, self._traits(kept)) if kept is not None else None
        found = self._judged[request.key]
        if found is None:
            del self._pending[index]
            return None
        return replace(found, passed_over=self._pending[index])

    def _drawn_earlier(self) -> Phrase | None:
        """A remembered phrase that is worth keeping; only its music is judged: it was drawn for other conditions."""
        for _ in range(AHEAD):
            phrase = self._remembered()
            if phrase is None:
                return None
            performer = self._settings.performer
            verdict = judge(phrase, performer.density_notes_per_s, performer.phrase_s, None)
            if verdict.phrase is not None:
                return verdict.phrase
        return None

    def _made_by_rule(self, number: int, shape: Shape) -> _Chosen:
        settings = self._settings.model_copy(deep=True)
        performer = settings.performer
        performer.density_notes_per_s = min(max(performer.density_notes_per_s * shape.density, 0.3), 12.0)
        seed = seed_from(self._seed, "rule", self._count)
        phrase = rule_phrase(seed, settings)
        phrase = replace(phrase, notes=self._humanise(phrase.notes, seed & 0x7FFFFFFF))
        return self._new(phrase, self._traits(phrase), number, f"{phrase.performer} #{number}")

    def _new(self, phrase: Phrase, traits: Traits, number: int, origin: str) -> _Chosen:
        """A phrase that is heard for the first time, and remembered."""
        self._memory = self._memory.with_phrase(number, phrase, self._mood_title, traits)
        self._on_phrase(number, phrase, self._mood_title)
        return _Chosen(phrase, traits, origin)

    def _traits(self, phrase: Phrase) -> Traits:
        return heard_traits(phrase, Scale.from_settings(self._settings.scale))

    def _is_recall(self, count: int) -> bool:
        """Whether the `count`th phrase is a return: exactly the share asked for, spread evenly by the golden ratio."""
        phase = chance(self._seed, "recall").random()
        return (phase + count * GOLDEN) % 1.0 < self._settings.conductor.recall

    def _recall(self) -> Remembered | None:
        generator = chance(self._seed, "which", self._count)
        answer = self._settings.conductor.answer
        return self._memory.recall(self._count + 1, self._mood_title, generator, self._heard, answer)

    def _theme_to_return(self) -> ThemeReturn | ThemeOnItsWay | None:
        """What to ask for, if a return is next and there is something to return to."""
        recalled = self._recall() if self._is_recall(self._count) else None
        if recalled is None:
            return None
        performer, variation = self._settings.performer, round(self._settings.conductor.variation, 1)
        seed = seed_from(self._seed, "theme", self._count) & 0x7FFFFFFF
        request = replace(self.request(self._count), seed=seed, performer=performer.themes or performer.name)
        scale, generator = Scale.from_settings(self._settings.scale), chance(self._seed, "way", self._count)
        turned = on_the_way(recalled, self._memory, scale, variation, generator, request)
        return turned or theme_return(recalled, scale, variation, request, restated_share(variation))

    def _returned(self, recalled: Remembered, number: int) -> _Chosen:
        self._memory = self._memory.with_heard(recalled.number, number)
        scale, anew = Scale.from_settings(self._settings.scale), self._anew(recalled)
        if anew is not None:
            return anew
        amount, generator = self._settings.conductor.variation, chance(self._seed, "vary", self._count)
        varied = vary(recalled.phrase, scale, amount, generator)
        origin = f"recall of #{recalled.number}" + (f", {varied.about}" if varied.about else "")
        return _Chosen(varied.phrase, self._traits(varied.phrase), origin)

    def _anew(self, recalled: Remembered) -> _Chosen | None:
        """The return that was asked for, if it is there and worth keeping."""
        theme = self._theme
        drawn = self._source.take(theme.request) if theme and theme.theme.number == recalled.number else None
        heard = theme.heard(drawn, Scale.from_settings(self._settings.scale)) if theme and drawn else None
        if theme is None or heard is None:
            return None
        return _Chosen(heard, self._traits(heard), f"recall of #{recalled.number}, {theme.origin}")


def _ignore(number: int, phrase: Phrase, mood_title: str) -> None:
    pass
