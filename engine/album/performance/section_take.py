"""One take of a section: its phrases, drawn, given or returning, one after another until it is full."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Protocol

from engine.album.performance.cadence import CADENCE_S, cadence
from engine.album.performance.cutting import pieces, until
from engine.album.performance.given_midi import given_midi
from engine.album.performance.played import Placed, Played, piano_of
from engine.album.performance.theme import Theme
from engine.album.performance.theme_changes import changed
from engine.album.performance.worth import right_hand_pitch, worth
from engine.album.plan.plan import PlannedSection, PlannedTrack, earlier_track
from engine.music.arranging.arranger import Shape, arrange, at_own_density
from engine.music.conductor.conductor import CENTRES
from engine.music.conductor.phrase_memory import Remembered
from engine.music.conductor.themes import theme_return
from engine.music.conductor.variation import vary
from engine.music.notes import HIGHEST_PIANO_PITCH, LOWEST_PIANO_PITCH, Note, Phrase, Score, sorted_notes
from engine.music.phrases.filter import judge
from engine.music.phrases.store import Request
from engine.music.scale import Scale
from engine.parameters.sound import PerformerSettings, SoundSettings
from engine.seeding import chance, seed_from
from models.performers.drawing.performer import Conditioning
from models.performers.drawing.pulse_keeping import with_beat
from models.performers.humaniser.humaniser import humanised

PRIMER_S: Final = 24.0
"""How much of what came before a performer hears when it is to go on from there."""
SHORTEST_PHRASE_S: Final = 6.0
LONGEST_PHRASE_S: Final = 60.0
OWN_WORDS_VARIED: Final = 0.0
"""A performer plays five seconds of a theme as it was before it goes on: fewer notes of it are not recognised."""
_CLOSING: Final = 999
"""Number of a section's cadence among its phrases."""


class Performer(Protocol):
    """What draws phrases, and says of any how likely a person played it: log-odds, 0 of what has no critic."""

    def draw(self, seed: int, conditioning: Conditioning) -> Phrase: ...

    def criticise(self, phrase: Phrase) -> float: ...

    def accompany(self, melody: Sequence[Note], seed: int, conditioning: Conditioning) -> Phrase: ...


Performers = Callable[[str], Performer]
"""A performer by its name."""


@dataclass
class SectionTake:
    """Plays `planned`; `before` are the scores of earlier sections, `take` the number of this take, from 0."""

    track: PlannedTrack
    planned: PlannedSection
    folder: Path
    seed: int
    take: int
    before: Sequence[Placed]
    earlier: Mapping[int, Played]
    theme: Theme | None
    performer_of: Performers

    def __post_init__(self) -> None:
        self.placed: list[Placed] = []
        self.worths: list[float] = []
        self._scale = Scale.from_settings(self.track.track.scale)

    @property
    def worth(self) -> float:
        """Mean of its phrases, each by its length."""
        lengths_s = [item.score.length_s for item in self.placed[: len(self.worths)]]
        return sum(w * s for w, s in zip(self.worths, lengths_s, strict=True)) / max(sum(lengths_s), 1e-9)

    def play(self) -> SectionTake:
        """Fill the section, and close it where it has a cadence."""
        planned = self.planned
        end_s = planned.end_s - (CADENCE_S if planned.section.cadence else 0.0)
        now_s = planned.start_s
        while end_s - now_s >= (SHORTEST_PHRASE_S if self.placed or not self.theme else 0.0):
            found = self._next(now_s, end_s)
            if found is None:
                break
            score, phrase, value = found
            self.placed.append(Placed(now_s, until(score, planned.end_s - now_s), planned.name, phrase))
            self.worths.append(value)
            now_s += score.length_s
        if planned.section.cadence:
            self._close(max(now_s, end_s - 2.0))
        return self

    def _close(self, at_s: float) -> None:
        phrase = cadence(self._scale, chance(self.seed, "cadence", self.planned.name))
        score = self._arranged(phrase, _CLOSING, 0, at_own_density(phrase, self.planned.settings))
        self.placed.append(Placed(at_s, score, self.planned.name, phrase))

    def _next(self, now_s: float, end_s: float) -> tuple[Score, Phrase, float] | None:
        """The next score, the phrase it came from and what it is worth; None when given MIDI is over."""
        number, section = len(self.placed), self.planned.section
        if section.midi:
            given = pieces(given_midi(self.planned, self.folder, self.seed))
            if number >= len(given):
                return None
            piece = self._in_company(given[number], number) if section.accompanied else given[number]
            return self._arranged(piece, number, 0, at_own_density(piece, self.planned.settings)), piece, 0.0
        wanted_s = self._wanted_s(end_s - now_s)
        if self.theme and number == 0:
            return self._of_theme(self.theme, wanted_s)
        takes = [self._tried(number, inner, wanted_s, now_s) for inner in range(section.takes)]
        return max(enumerate(takes), key=lambda pair: (pair[1][2], -pair[0]))[1]

    def _in_company(self, melody: Phrase, number: int) -> Phrase:
        """A melody, and what the performer plays with it."""
        asked = self.planned.settings.performer
        weights = self._scale.pitch_class_weights(asked.scale_weight)
        conditioning = _conditioning(asked, melody.length_s, weights, Phrase(()))
        return self.performer_of(asked.name).accompany(melody.notes, self._seed_of(number, 0), conditioning)

    def _wanted_s(self, left_s: float) -> float:
        """Length of the next phrase, breath included, so that phrases fill what is left evenly."""
        usual_s = self.planned.settings.performer.phrase_s / self.planned.settings.performer.tempo
        return left_s / max(1, round(left_s / (usual_s + self.planned.section.breath_s)))

    def _tried(self, number: int, inner: int, wanted_s: float, now_s: float) -> tuple[Score, Phrase, float]:
        if self.planned.section.again:
            phrase = self._returned(number, inner)
        else:
            phrase = self._drawn(number, inner, wanted_s, now_s)
        phrase = in_register(phrase, self.planned.section.register_pitch)
        score = self._arranged(phrase, number, inner, self.planned.settings)
        return score, phrase, worth(phrase, score, self.planned, wanted_s, self._critic(phrase))

    def _critic(self, phrase: Phrase) -> float:
        return self.performer_of(self.planned.settings.performer.name).criticise(phrase)

    def _returned(self, number: int, inner: int) -> Phrase:
        known = [item.phrase for item in self.before if item.section == self.planned.section.again]
        generator = chance(self.seed, "vary", self.planned.name, number, inner, *self._of_take())
        return vary(known[number % len(known)], self._scale, self.planned.section.variation, generator).phrase

    # ----------------------------------------------------------------- themes

    def _of_theme(self, theme: Theme, wanted_s: float) -> tuple[Score, Phrase, float]:
        """The theme, as it is this time."""
        generator = chance(self.seed, "change", self.planned.name, self.take)
        phrase = changed(theme, self.planned.section.changes, self._scale, generator)
        if self.planned.section.own_words:
            said = [self._own_words(phrase, inner, wanted_s) for inner in range(self.planned.section.takes)]
            phrase = max(said, key=lambda pair: pair[1])[0]
        settings = at_own_density(phrase, self.planned.settings)
        settings.performer.tempo = self.planned.settings.performer.tempo
        return self._arranged(phrase, 0, 0, settings), phrase, 0.0

    def _own_words(self, stated: Phrase, inner: int, wanted_s: float) -> tuple[Phrase, float]:
        """The theme's beginning and how the performer goes on, and how well that fills the place."""
        asked = self.planned.settings.performer
        length_s = min(max(wanted_s * asked.tempo, SHORTEST_PHRASE_S), LONGEST_PHRASE_S)
        request = Request(
            performer=asked.themes or asked.name,
            seed=self._seed_of(0, inner),
            temperature=asked.temperature,
            top_p=asked.top_p,
            density_notes_per_s=asked.density_notes_per_s,
            pitch_class_weights=self._scale.pitch_class_weights(asked.scale_weight),
            phrase_s=length_s,
        )
        returning = theme_return(Remembered(0, stated, ""), self._scale, OWN_WORDS_VARIED, request)
        if returning is None:
            return stated, -1.0
        conditioning = _conditioning(
            asked, length_s, request.pitch_class_weights, Phrase(returning.request.primer or ())
        )
        drawn = self.performer_of(request.performer).draw(
            request.seed, replace(conditioning, returns=returning.request.returns)
        )
        kept = judge(drawn, asked.density_notes_per_s, length_s, request.pitch_class_weights).phrase
        if kept is None:
            return stated, -1.0
        said = returning.restated(kept)
        return said, 1.0 - abs(said.length_s - length_s) / length_s

    # ---------------------------------------------------------------- drawing

    def _drawn(self, number: int, inner: int, wanted_s: float, now_s: float) -> Phrase:
        asked = self.planned.settings.performer
        centre = 0 if number == 0 else chance(self.seed, "centre", self.planned.name, number).choice(CENTRES)
        sounding_s = (wanted_s - self.planned.section.breath_s) * asked.tempo
        length_s = min(max(sounding_s, SHORTEST_PHRASE_S), LONGEST_PHRASE_S)
        weights = self._scale.pitch_class_weights(asked.scale_weight, centre)
        conditioning = _conditioning(asked, length_s, weights, Phrase(self._primer(now_s)))
        return drawn(self.performer_of(asked.name), self._seed_of(number, inner), conditioning, asked)

    def _primer(self, now_s: float) -> tuple[Note, ...]:
        """The last seconds of what is to be gone on from, and of what has been played since, beginning at 0."""
        text = self.planned.section.continues
        if not text and not self.theme:
            return ()
        track = earlier_track(text) if text else None
        before = self.earlier[track[0]].section(track[1]) if track else Played(tuple(self.before)).section(text or "-")
        end_s = max((item.start_s + item.score.length_s for item in before), default=0.0)
        notes = [*piano_of(before, self.planned.start_s - end_s), *piano_of(self.placed, 0.0)]
        recent = [note for note in notes if note.onset_s >= now_s - PRIMER_S]
        first_s = min((note.onset_s for note in recent), default=0.0)
        return sorted_notes(replace(note, onset_s=note.onset_s - first_s) for note in recent)

    def _arranged(self, phrase: Phrase, number: int, inner: int, settings: SoundSettings) -> Score:
        shape = Shape(1.0, self.planned.section.loudness, self.planned.section.lift)
        seed, bells_on = self._seed_of(number, inner), self.track.track.bells_on
        return arrange(phrase, settings, seed, shape, bells_on, humanised)

    def _seed_of(self, number: int, inner: int) -> int:
        place = (self.track.number, self.planned.name, number, inner)
        return seed_from(self.seed, *place, *self._of_take()) & 0x7FFFFFFF

    def _of_take(self) -> tuple[int, ...]:
        """Nothing for the first take, so that it is what is played where nobody asks for more."""
        return (self.take,) if self.take else ()


def drawn(performer: Performer, seed: int, conditioning: Conditioning, asked: PerformerSettings) -> Phrase:
    """A phrase as it may be played; empty where the musical filter refuses it."""
    phrase = performer.draw(seed, conditioning)
    verdict = judge(phrase, asked.density_notes_per_s, conditioning.phrase_s, conditioning.pitch_class_weights)
    kept = verdict.phrase or Phrase((), (), phrase.performer, phrase.seed)
    return with_beat(kept, asked.beat or None, seed)


def in_register(phrase: Phrase, register: int | None) -> Phrase:
    """The phrase moved by octaves to where its right hand lies nearest to `register`, if the keyboard allows."""
    middle = right_hand_pitch(phrase.notes)
    if register is None or middle is None:
        return phrase
    shift = 12 * round((register - middle) / 12)
    notes = tuple(replace(note, pitch=note.pitch + shift) for note in phrase.notes)
    inside = all(LOWEST_PIANO_PITCH <= note.pitch <= HIGHEST_PIANO_PITCH for note in notes)
    return replace(phrase, notes=notes) if inside else phrase


def _conditioning(
    asked: PerformerSettings, length_s: float, weights: tuple[float, ...] | None, primer: Phrase
) -> Conditioning:
    return Conditioning(
        phrase_s=length_s,
        temperature=asked.temperature,
        top_p=asked.top_p,
        density_notes_per_s=asked.density_notes_per_s,
        pitch_class_weights=weights,
        primer=primer,
    )
