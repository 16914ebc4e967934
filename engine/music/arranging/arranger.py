"""The arranger: from a phrase to a score, as a pure function of phrase, settings, seed and shape."""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from engine.music.arranging.chords import guitar, held_chords, segments
from engine.music.arranging.lines import BellsOn, bass_line, bells, cello, share
from engine.music.beat import brushes, find_beat
from engine.music.harmony import clashes, consonant, pedalled
from engine.music.humanising import Humanise, as_written
from engine.music.low_interval_limits import without_mud
from engine.music.notes import HIGHEST_PIANO_PITCH, Note, PedalSpan, Phrase, Score, sorted_notes
from engine.music.phrases.repair import close_gaps, stretched, thin_to
from engine.music.scale import Scale, quantise_notes, shift_into_key
from engine.parameters.sound import SoundSettings
from engine.parameters.stems import DOUBLES, VOICES
from engine.seeding import chance

LONGEST_SILENCE_S: Final = 1.2
SPLIT_PITCH: Final = 58
"""Below is the left hand's."""
LOWEST_CALM_PITCH: Final = 31
"""Below G1 a piano growls; such notes sound an octave higher."""
DERIVED: Final = ("cello", "chords", "guitar", "bells")
"""Voices taken from the piano, in the order in which each is checked against those before it."""
USUAL_VELOCITY: Final = 62
_DOUBLED_RUN: Final = 4
"""Notes in a row that a doubling voice plays or leaves out."""
OVERLAP_S: Final = 0.4
"""How far the notes that bridge a breath reach into the next phrase."""
PACE_LIMITS: Final = (0.78, 1.3)
"""How far a phrase may be slowed or hurried to come near the density asked for, before it is thinned."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Where in the slow arc a phrase stands: factors on its density and loudness, and a lift.

    `lift` 1 puts the right hand an octave higher, -1 the whole phrase an octave lower, where the keyboard allows.
    """

    density: float = 1.0
    loudness: float = 1.0
    lift: int = 0


LEVEL: Final = Shape()


def arrange(
    phrase: Phrase,
    settings: SoundSettings,
    seed: int,
    shape: Shape = LEVEL,
    bells_on: BellsOn = "character",
    humanise: Humanise = as_written,
) -> Score:
    """The score of `phrase`: piano in scale, tempo and touch, and the voices derived from it.

    Same arguments, same score. Every derived line is checked against all that already sounds and moved or dropped.
    `voice.*.octave` is applied here: a score holds the pitches that instruments play. `humanise` gives drums a touch.
    """
    scale = Scale.from_settings(settings.scale)
    piano = _piano(phrase, settings, scale, shape)
    if not piano.notes:
        return Score(dict.fromkeys(VOICES, ()), (), max(settings.conductor.breath_s, 1.0))
    heard = pedalled(piano.notes, piano.pedal)
    voices = settings.voice
    parts = segments(heard, scale, 5.0 - 2.5 * voices.chords.density)
    bowed = cello(heard, scale, voices.cello.density, voices.cello.octave, chance(seed, "cello"))
    sounding = (*heard, *bowed)
    held = held_chords(parts, sounding, voices.chords.density, voices.chords.octave, chance(seed, "chords"))
    sounding += held
    step_s = _step_s(piano.notes)
    plucked = guitar(parts, sounding, voices.guitar.density, voices.guitar.octave, step_s, chance(seed, "guitar"))
    others = (*bowed, *held, *plucked)
    rung = bells(heard, others, scale, voices.bells.density, voices.bells.octave, chance(seed, "bells"), bells_on)
    struck = brushes(piano.notes, voices.drums.density, chance(seed, "drums"), humanise)
    if voices.piano.density <= 0.0:
        piano = replace(piano, notes=(), pedal=())
    derived = {"piano": piano.notes, "cello": bowed, "bells": rung, "chords": held, "guitar": plucked, "drums": struck}
    doubling = _doubled(derived, settings, seed)
    return _with_breath(derived | doubling, piano.pedal, heard)


def at_own_density(phrase: Phrase, settings: SoundSettings) -> SoundSettings:
    """Settings under which a phrase keeps its notes and pace."""
    own = settings.model_copy(deep=True)
    span_s = max(phrase.notes[-1].onset_s - phrase.notes[0].onset_s, 1.0)
    own.performer.density_notes_per_s = min(max(len(phrase.notes) / span_s, 0.3), 12.0)
    own.performer.tempo = 1.0
    return own


def _doubled(lines: Mapping[str, tuple[Note, ...]], settings: SoundSettings, seed: int) -> dict[str, tuple[Note, ...]]:
    """The voices that play another's line with it, in octaves, as often as their density says."""
    found = {}
    for name, leader in DOUBLES.items():
        voice = getattr(settings.voice, name)
        played = share(len(lines[leader]), voice.density, chance(seed, name), run=_DOUBLED_RUN)
        notes = (note for note, plays in zip(lines[leader], played, strict=True) if plays)
        moved = (replace(note, pitch=note.pitch + 12 * voice.octave) for note in notes)
        found[name] = tuple(note for note in moved if 0 <= note.pitch <= HIGHEST_PIANO_PITCH)
    return found


def _piano(phrase: Phrase, settings: SoundSettings, scale: Scale, shape: Shape) -> Phrase:
    """The phrase as the piano plays it: in key, in tempo, connected, in scale, pedalled, its end held over a breath."""
    density = settings.performer.density_notes_per_s * shape.density
    paced = stretched(phrase, _pace(phrase, density))
    voice = settings.voice.piano
    if 0.0 < voice.density < 1.0:
        density *= voice.density
    thinned = thin_to(paced, density, slack=1.1)
    in_tempo = stretched(thinned, 1.0 / settings.performer.tempo)
    shift = shift_into_key(in_tempo.notes, scale)
    moved = (replace(n, pitch=n.pitch + shift + 12 * voice.octave) for n in lift(in_tempo.notes, shape.lift))
    notes = quantise_notes(connected(sorted_notes(moved)), scale, LOWEST_CALM_PITCH, HIGHEST_PIANO_PITCH)
    touched = touch(without_mud(without_clusters(notes)), settings.performer.velocity * shape.loudness)
    if not touched:
        return Phrase(())
    pedal = repedalled(in_tempo.pedal, touched)
    return held_to_the_end(close_gaps(replace(in_tempo, notes=touched, pedal=pedal)), settings.conductor.breath_s)


def connected(notes: Sequence[Note]) -> tuple[Note, ...]:
    """Each note held until its hand's next one, at most 2 s longer than written: a singing touch, no gaps in a line."""
    joined = []
    for index, note in enumerate(notes):
        right = note.pitch >= SPLIT_PITCH
        later = (
            n.onset_s
            for n in notes[index + 1 :]
            if n.onset_s > note.onset_s + 0.06 and (n.pitch >= SPLIT_PITCH) == right
        )
        until_s = min(next(later, note.end_s), note.end_s + 2.0)
        joined.append(replace(note, duration_s=max(note.duration_s, until_s - note.onset_s)))
    return tuple(joined)


def held_to_the_end(phrase: Phrase, breath_s: float) -> Phrase:
    """The last notes held through the breath after them, so that a piano's own fading bridges it."""
    last_s = phrase.notes[-1].onset_s
    end_s = _settled_s(phrase.notes) + breath_s
    return replace(phrase, notes=held_over(phrase.notes, last_s - 0.3, end_s, ()))


def _settled_s(notes: Sequence[Note]) -> float:
    """Where the music of a phrase is over and only rings."""
    last_s = notes[-1].onset_s
    return max(min(max(note.end_s for note in notes), last_s + 2.5), last_s + 0.8)


def lift(notes: Sequence[Note], octaves: int) -> tuple[Note, ...]:
    """The right hand an octave higher (1) or all an octave lower (-1), if no note leaves a comfortable range."""
    pitches = [note.pitch for note in notes]
    if octaves > 0 and max(pitches, default=0) <= 79:
        return sorted_notes(replace(n, pitch=n.pitch + 12) if n.pitch >= 62 else n for n in notes)
    if octaves < 0 and min(pitches, default=0) >= 43:
        return sorted_notes(replace(n, pitch=n.pitch - 12) for n in notes)
    return tuple(notes)


def _pace(phrase: Phrase, density_notes_per_s: float) -> float:
    """Factor on all times: above 1 slows a phrase that is too busy, below 1 hurries an idle one, within limits."""
    if len(phrase.notes) < 2:
        return 1.0
    span_s = max(phrase.notes[-1].onset_s - phrase.notes[0].onset_s, 1.0)
    ratio = len(phrase.notes) / span_s / density_notes_per_s
    return min(max(math.sqrt(ratio), PACE_LIMITS[0]), PACE_LIMITS[1])


def without_clusters(notes: Sequence[Note]) -> tuple[Note, ...]:
    """Keys a semitone apart never ring on together: the earlier is let go, of two struck at once the softer goes.

    Sevenths and ninths stay; they are what this music is made of.
    """
    kept: list[Note] = []
    for note in sorted_notes(notes):
        rubbing = [i for i, k in enumerate(kept) if abs(k.pitch - note.pitch) == 1 and k.end_s > note.onset_s + 0.05]
        struck = [i for i in rubbing if note.onset_s - kept[i].onset_s < 0.12]
        if any(kept[i].velocity >= note.velocity for i in struck):
            continue
        for i in rubbing:
            kept[i] = replace(kept[i], duration_s=max(note.onset_s - kept[i].onset_s, 0.0))
        kept = [k for k in kept if k.duration_s >= 0.05]
        kept.append(note)
    return sorted_notes(kept)


def touch(notes: Sequence[Note], ratio: float) -> tuple[Note, ...]:
    """Velocities for a quiet room, 1..127: about `USUAL_VELOCITY` times `ratio`, however hard the performer played.

    A third of the phrase's own loudness survives, and most of what differs within it; busy moments are struck a little
    softer and bare ones firmer, so that the room's loudness stays steady.
    """
    if not notes:
        return ()
    middle = statistics.median(note.velocity for note in notes)
    level = USUAL_VELOCITY + 0.33 * (middle - USUAL_VELOCITY)

    def struck(note: Note, evening: float) -> Note:
        velocity = (level + 0.85 * (note.velocity - middle)) * ratio * evening
        return replace(note, velocity=min(max(round(velocity), 1), 127))

    return tuple(struck(note, evening) for note, evening in zip(notes, _evening(notes), strict=True))


def _evening(notes: Sequence[Note]) -> list[float]:
    """Factors 0.86..1.16 against the bustle around each note: energy struck within 1.5 s, compared to the median's."""
    busy = [
        sum(
            other.velocity**2 * min(other.duration_s + 0.3, 1.5)
            for other in notes
            if abs(other.onset_s - note.onset_s) < 1.5
        )
        for note in notes
    ]
    usual = statistics.median(busy)
    return [min(max((usual / max(here, 1e-9)) ** 0.22, 0.86), 1.16) for here in busy]


def repedalled(pedal: Sequence[PedalSpan], notes: Sequence[Note]) -> tuple[PedalSpan, ...]:
    """The pedal lifted for a moment at every new bass, as pianists do, so harmonies do not run together."""
    if not pedal or not notes:
        return tuple(pedal)
    bass = bass_line(notes, 1.0)
    changes = [b.onset_s for a, b in itertools.pairwise(bass) if (b.pitch - a.pitch) % 12 != 0]
    spans: list[PedalSpan] = []
    for span in pedal:
        start_s = span.start_s
        for change_s in changes:
            if start_s + 0.15 < change_s < span.end_s - 0.15:
                spans.append(PedalSpan(start_s, change_s - 0.01))
                start_s = change_s + 0.09
        spans.append(PedalSpan(start_s, span.end_s))
    return tuple(spans)


def _step_s(notes: Sequence[Note]) -> float:
    """Time between a guitar's notes: the phrase's beat or half of it, 0.3..0.75 s."""
    beat = find_beat(notes)
    step_s = beat.period_s if beat else 0.5
    while step_s > 0.75:
        step_s /= 2
    return max(step_s, 0.3)


def _with_breath(voices: dict[str, tuple[Note, ...]], pedal: tuple[PedalSpan, ...], heard: Sequence[Note]) -> Score:
    """The score's length, and what sounds at its end held on until the next phrase has begun."""
    length_s = max(note.end_s for note in heard)
    for voice in ("cello", "chords"):
        others = [note for name, line in voices.items() if name not in (voice, "piano", "drums") for note in line]
        voices[voice] = held_over(voices[voice], length_s - 1.5, length_s + OVERLAP_S, (*heard, *others))
    before = list(heard)
    for voice in DERIVED:
        voices[voice] = consonant(voices[voice], before)
        before += voices[voice]
    ringing = (*pedalled(voices["piano"], pedal), *voices["cello"], *voices["chords"])
    last_heard_s = max((note.end_s for note in ringing), default=length_s)
    return Score(voices, pedal, min(length_s, last_heard_s + LONGEST_SILENCE_S))


def held_over(line: tuple[Note, ...], since_s: float, until_s: float, sounding: Sequence[Note]) -> tuple[Note, ...]:
    """Notes of `line` that end after `since_s` held until `until_s` or their key's next stroke, if nothing rubs."""
    held = []
    for index, note in enumerate(line):
        again_s = next((n.onset_s for n in line[index + 1 :] if n.pitch == note.pitch), until_s)
        longer = replace(note, duration_s=max(note.duration_s, min(until_s, again_s) - note.onset_s))
        held.append(longer if note.end_s >= since_s and not clashes(longer, sounding) else note)
    return tuple(held)
