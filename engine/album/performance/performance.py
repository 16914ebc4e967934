"""What a track's piano plays, and the voices after it: phrases drawn, given or returning, section by section.

A pure function of plan, seed, earlier tracks and performers. Every phrase is drawn a few times and the take is kept
that lies best in the scale and fills its place best, as one would choose at a desk.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Protocol

from engine.album.performance.cadence import CADENCE_S, cadence
from engine.album.plan.plan import PlannedSection, PlannedTrack, earlier_track
from engine.music.arranging.arranger import Shape, arrange
from engine.music.arranging.lines import kept_under
from engine.music.beat import beat_windows
from engine.music.conductor.conductor import CENTRES
from engine.music.conductor.variation import vary
from engine.music.harmony import pedalled
from engine.music.midi.reading import read_performance
from engine.music.notes import Note, PedalSpan, Phrase, Score, sorted_notes
from engine.music.phrases.filter import judge, share_in_key
from engine.music.phrases.repair import FEWEST_NOTES
from engine.music.scale import Scale
from engine.parameters.sound import SoundSettings
from engine.seeding import chance, seed_from
from models.performers.drawing.performer import Conditioning
from models.performers.drawing.pulse_keeping import with_beat

PRIMER_S: Final = 24.0
"""How much of what came before a performer hears when it is to go on from there."""
SHORTEST_PHRASE_S: Final = 6.0
LONGEST_PHRASE_S: Final = 60.0
LONGEST_PIECE_S: Final = 40.0
"""Given MIDI is arranged in pieces of at most this."""
RELEASE_S: Final = 1.5
"""What sounds at the end of a section may ring on this long."""
REFUSED: Final = -10.0
_SWINGING: Final = 0.4
"""What it is worth that brushes, where they are asked for, found a beat to play to."""
_CLOSING: Final = 999
"""Number of a section's cadence among its phrases."""


class Performer(Protocol):
    """What draws phrases."""

    def draw(self, seed: int, conditioning: Conditioning) -> Phrase: ...


@dataclass(frozen=True, slots=True)
class Placed:
    """A score and where in its track it begins; `section` is the name of its section."""

    start_s: float
    score: Score
    section: str
    phrase: Phrase
    """As it was drawn, before it was arranged."""


@dataclass(frozen=True)
class Played:
    """All that a track's voices play."""

    placed: tuple[Placed, ...]

    def notes(self, voice: str) -> tuple[Note, ...]:
        """A voice's notes in the track's own time."""
        return sorted_notes(
            replace(note, onset_s=item.start_s + note.onset_s)
            for item in self.placed
            for note in item.score.voices.get(voice, ())
        )

    @property
    def pedal(self) -> tuple[PedalSpan, ...]:
        spans = [
            PedalSpan(p.start_s + span.start_s, p.start_s + span.end_s) for p in self.placed for span in p.score.pedal
        ]
        return tuple(sorted(spans))

    def section(self, name: str) -> tuple[Placed, ...]:
        """The scores of one section; all where `name` is empty."""
        return tuple(item for item in self.placed if item.section == name or not name)


def perform(
    track: PlannedTrack,
    folder: Path,
    seed: int,
    earlier: Mapping[int, Played],
    performer_of: Callable[[str], Performer],
    report: Callable[[float], None] = lambda _: None,
) -> Played:
    """Plays one track; `earlier` holds those before it by number, `folder` is where given MIDI lies."""
    player = _Player(track, folder, seed, earlier, performer_of)
    for section in track.sections:
        player.play(section)
        report(section.end_s / track.length_s)
    return Played(_kept_apart(player.placed))


class _Player:
    def __init__(
        self,
        track: PlannedTrack,
        folder: Path,
        seed: int,
        earlier: Mapping[int, Played],
        performer_of: Callable[[str], Performer],
    ) -> None:
        self.placed: list[Placed] = []
        self._track, self._folder, self._seed = track, folder, seed
        self._earlier, self._performer_of = earlier, performer_of
        self._scale = Scale.from_settings(track.track.scale)

    def play(self, planned: PlannedSection) -> None:
        """Add the phrases of a section, one after another until it is full, and its cadence."""
        section = planned.section
        if section.rest:
            return
        end_s = planned.end_s - (CADENCE_S if section.cadence else 0.0)
        now_s = planned.start_s
        while end_s - now_s >= SHORTEST_PHRASE_S:
            score, phrase = self._next(planned, now_s, end_s)
            if score is None:
                break
            self.placed.append(Placed(now_s, _until(score, planned.end_s - now_s), planned.name, phrase))
            now_s += score.length_s
        if section.cadence:
            self._close(planned, max(now_s, end_s - 2.0))

    def _close(self, planned: PlannedSection, at_s: float) -> None:
        phrase = cadence(self._scale, chance(self._seed, "cadence", planned.name))
        score = self._arranged(phrase, planned, _CLOSING, 0, given=True)
        self.placed.append(Placed(at_s, score, planned.name, phrase))

    def _next(self, planned: PlannedSection, now_s: float, end_s: float) -> tuple[Score | None, Phrase]:
        """The next score of a section and the phrase it came from; None when given MIDI is over."""
        number = sum(item.section == planned.name for item in self.placed)
        section = planned.section
        if section.midi:
            pieces = _pieces(read_performance(self._folder / section.midi).phrase)
            if number >= len(pieces):
                return None, Phrase(())
            return self._arranged(pieces[number], planned, number, 0, given=True), pieces[number]
        wanted_s = self._wanted_s(planned, end_s - now_s)
        takes = [self._take(planned, number, take, wanted_s, now_s) for take in range(section.takes)]
        scored = [(self._worth(phrase, score, wanted_s), -take) for take, (score, phrase) in enumerate(takes)]
        return takes[-max(scored)[1]]

    def _wanted_s(self, planned: PlannedSection, left_s: float) -> float:
        """Length of the next phrase, breath included, so that phrases fill what is left evenly."""
        usual_s = planned.settings.performer.phrase_s / planned.settings.performer.tempo + planned.section.breath_s
        return left_s / max(1, round(left_s / usual_s))

    def _take(
        self, planned: PlannedSection, number: int, take: int, wanted_s: float, now_s: float
    ) -> tuple[Score, Phrase]:
        if planned.section.again:
            phrase = self._returned(planned, number, take)
        else:
            phrase = self._drawn(planned, number, take, wanted_s, now_s)
        return self._arranged(phrase, planned, number, take), phrase

    def _returned(self, planned: PlannedSection, number: int, take: int) -> Phrase:
        known = [item.phrase for item in self.placed if item.section == planned.section.again]
        generator = chance(self._seed, "vary", planned.name, number, take)
        return vary(known[number % len(known)], self._scale, planned.section.variation, generator).phrase

    def _drawn(self, planned: PlannedSection, number: int, take: int, wanted_s: float, now_s: float) -> Phrase:
        asked = planned.settings.performer
        centre = 0 if number == 0 else chance(self._seed, "centre", planned.name, number).choice(CENTRES)
        sounding_s = (wanted_s - planned.section.breath_s) * asked.tempo
        conditioning = Conditioning(
            phrase_s=min(max(sounding_s, SHORTEST_PHRASE_S), LONGEST_PHRASE_S),
            temperature=asked.temperature,
            top_p=asked.top_p,
            density_notes_per_s=asked.density_notes_per_s,
            pitch_class_weights=self._scale.pitch_class_weights(asked.scale_weight, centre),
            primer=Phrase(self._primer(planned, now_s)),
        )
        seed = self._seed_of(planned, number, take)
        phrase = self._performer_of(asked.name).draw(seed, conditioning)
        verdict = judge(phrase, asked.density_notes_per_s, conditioning.phrase_s, conditioning.pitch_class_weights)
        kept = verdict.phrase or Phrase((), (), phrase.performer, phrase.seed)
        return with_beat(kept, asked.beat or None, seed)

    def _primer(self, planned: PlannedSection, now_s: float) -> tuple[Note, ...]:
        """The last seconds of what is to be gone on from, and of what has been played since, beginning at 0."""
        text = planned.section.continues
        if not text:
            return ()
        track = earlier_track(text)
        before = self._earlier[track[0]].section(track[1]) if track else Played(tuple(self.placed)).section(text)
        end_s = max((item.start_s + item.score.length_s for item in before), default=0.0)
        own = [item for item in self.placed if item.section == planned.name]
        notes = [*_piano(before, planned.start_s - end_s), *_piano(own, 0.0)]
        recent = [note for note in notes if note.onset_s >= now_s - PRIMER_S]
        first_s = min((note.onset_s for note in recent), default=0.0)
        return sorted_notes(replace(note, onset_s=note.onset_s - first_s) for note in recent)

    def _arranged(self, phrase: Phrase, planned: PlannedSection, number: int, take: int, given: bool = False) -> Score:
        settings = _at_own_density(phrase, planned) if given else planned.settings
        seed = self._seed_of(planned, number, take)
        return arrange(phrase, settings, seed, self._shape(planned), self._track.track.bells_on)

    def _shape(self, planned: PlannedSection) -> Shape:
        return Shape(1.0, planned.section.loudness, planned.section.lift)

    def _worth(self, phrase: Phrase, score: Score, wanted_s: float) -> float:
        """How well a take serves: in the scale, of the right length for its place, with a beat where brushes wait."""
        if len(phrase.notes) < FEWEST_NOTES:
            return REFUSED
        weights = self._scale.pitch_class_weights(1.0)
        swings = _SWINGING if score.voices.get("drums") else 0.0
        return share_in_key(phrase.notes, weights) + swings - 0.7 * abs(score.length_s - wanted_s) / wanted_s

    def _seed_of(self, planned: PlannedSection, number: int, take: int) -> int:
        return seed_from(self._seed, self._track.number, planned.name, number, take) & 0x7FFFFFFF


def _at_own_density(phrase: Phrase, planned: PlannedSection) -> SoundSettings:
    """Settings under which a phrase keeps its notes and pace."""
    settings = planned.settings.model_copy(deep=True)
    span_s = max(phrase.notes[-1].onset_s - phrase.notes[0].onset_s, 1.0)
    settings.performer.density_notes_per_s = min(max(len(phrase.notes) / span_s, 0.3), 12.0)
    settings.performer.tempo = 1.0
    return settings


def _piano(items: Sequence[Placed], shift_s: float) -> list[Note]:
    return [
        replace(note, onset_s=item.start_s + shift_s + note.onset_s)
        for item in items
        for note in item.score.voices.get("piano", ())
    ]


def _pieces(phrase: Phrase) -> list[Phrase]:
    """A long phrase cut before its widest rests, into pieces of at most `LONGEST_PIECE_S`."""
    onsets = [note.onset_s for note in phrase.notes]
    if not onsets or onsets[-1] - onsets[0] <= LONGEST_PIECE_S:
        return [_part(phrase, 0.0, float("inf"))] if onsets else []
    inner = [i for i in range(1, len(onsets)) if 6.0 < onsets[i] - onsets[0] <= LONGEST_PIECE_S]
    at = max(inner, key=lambda i: (onsets[i] - onsets[i - 1], i), default=1)
    return [_part(phrase, 0.0, onsets[at]), *_pieces(_part(phrase, onsets[at], float("inf")))]


def _part(phrase: Phrase, start_s: float, end_s: float) -> Phrase:
    """The notes of a phrase that begin in a span, and its pedal, with the span's beginning as second 0."""
    notes = tuple(replace(n, onset_s=n.onset_s - start_s) for n in phrase.notes if start_s <= n.onset_s < end_s)
    spans = ((max(p.start_s, start_s), min(p.end_s, end_s)) for p in phrase.pedal)
    pedal = tuple(PedalSpan(a - start_s, b - start_s) for a, b in spans if b > a)
    return replace(phrase, notes=notes, pedal=pedal)


def _until(score: Score, end_s: float) -> Score:
    """The score without what would begin after `end_s`; what sounds then rings on for `RELEASE_S`."""
    latest_s = end_s + RELEASE_S

    def released(note: Note) -> Note:
        return replace(note, duration_s=min(note.duration_s, max(latest_s - note.onset_s, 0.05)))

    voices = {v: tuple(released(n) for n in notes if n.onset_s < end_s) for v, notes in score.voices.items()}
    struck, piano = voices.get("drums", ()), voices.get("piano", ())
    if struck and piano:  # what is left of the piano may have no beat any more
        steady = [(a, b) for a, b, beat in beat_windows(piano) if beat]
        voices["drums"] = tuple(n for n in struck if any(a - 0.05 <= n.onset_s < b + 0.05 for a, b in steady))
    pedal = tuple(PedalSpan(p.start_s, min(p.end_s, latest_s)) for p in score.pedal if p.start_s < end_s)
    return replace(score, voices=voices, pedal=pedal)


def _kept_apart(placed: Sequence[Placed]) -> tuple[Placed, ...]:
    """The cello ended where the piano of a following phrase goes below it; within phrases the arranger saw to that."""
    played = Played(tuple(placed))
    heard = pedalled(played.notes("piano"), played.pedal)
    kept = []
    for item in placed:
        near = [replace(n, onset_s=n.onset_s - item.start_s) for n in heard if n.end_s > item.start_s]
        line = (kept_under(note, near) for note in item.score.voices.get("cello", ()))
        voices = {**item.score.voices, "cello": tuple(note for note in line if note is not None)}
        kept.append(replace(item, score=replace(item.score, voices=voices)))
    return tuple(kept)
