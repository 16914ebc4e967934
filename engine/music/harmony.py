"""Which notes may sound together: dissonance of a derived line against everything already sounding."""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from engine.music.notes import Note, PedalSpan

SHARED_S: Final = 0.25
"""Notes sounding together for less than this do not rub: the ear takes it for legato."""
TOO_LATE_S: Final = 1e-5
"""Less than a frame: what differs by that happens at once."""

HARSH: Final = frozenset({1, 11, 13, 23, 25})
"""Minor second, major seventh, minor ninth and their octaves, in semitones."""
TRITONES: Final = frozenset({6, 18, 30})


def ring_s(pitch: int) -> float:
    """How long a held piano string is heard: about 12 s in the bass, 4 s at the top."""
    return max(1.5, 12.0 - 0.1 * (pitch - 30))


def shared_s(one: Note, other: Note) -> float:
    """How long two notes sound together; negative when they do not meet."""
    return min(one.end_s, other.end_s) - max(one.onset_s, other.onset_s)


def clashes(note: Note, sounding: Iterable[Note]) -> list[Note]:
    """The notes among `sounding` that `note` is dissonant with while they sound together.

    Harsh are minor seconds, major sevenths and minor ninths in any octave up to two, and a tritone against the bass.
    A note that doubles one already sounding (same pitch or an octave of it) adds no new interval class, so it is
    excused wherever its double sounds as long as the clash does: the G and F sharp of a Gymnopédie may stay.
    """
    if note.duration_s <= SHARED_S:
        return []
    from_s, until_s = note.onset_s + SHARED_S, note.end_s - SHARED_S
    together = [
        other
        for other in sounding
        if other.onset_s < until_s and other.onset_s + other.duration_s > from_s and other.duration_s > SHARED_S
    ]
    found = []
    for other in together:
        interval = abs(note.pitch - other.pitch)
        harsh = interval in HARSH or (interval in TRITONES and _against_bass(note, other, together))
        if harsh and not _doubled(note, other, together):
            found.append(other)
    return found


def _against_bass(note: Note, other: Note, together: Sequence[Note]) -> bool:
    low = min(note, other, key=lambda n: n.pitch)
    start_s, end_s = max(note.onset_s, other.onset_s), min(note.end_s, other.end_s)
    return not any(n.pitch < low.pitch and n.onset_s < end_s and n.end_s > start_s for n in together)


def _doubled(note: Note, clashing: Note, together: Sequence[Note]) -> bool:
    """Whether another note of this pitch class already rubs against `clashing` for as long."""
    meeting_s = shared_s(note, clashing)
    return any(
        other is not clashing
        and (other.pitch - note.pitch) % 12 == 0
        and shared_s(other, clashing) >= min(meeting_s - SHARED_S, 0.8 * meeting_s)
        for other in together
    )


def settle(note: Note, sounding: Sequence[Note], pitches: Sequence[int], shortest_s: float) -> Note | None:
    """`note` made consonant with `sounding`: as it is, ended before the clash, or on one of `pitches`; else None.

    `pitches` are tried in order. A note is shortened only while `shortest_s` of it remains.
    """
    near = [other for other in sounding if shared_s(note, other) > 0]
    for pitch in (note.pitch, *(p for p in pitches if p != note.pitch)):
        moved = replace(note, pitch=pitch)
        rubbing = clashes(moved, near)
        if not rubbing:
            return moved
        end_s = min(other.onset_s for other in rubbing)
        shorter = replace(moved, duration_s=end_s - moved.onset_s)
        if shorter.duration_s >= shortest_s and not clashes(shorter, near):
            return shorter
    return None


def consonant(line: Iterable[Note], sounding: Sequence[Note]) -> tuple[Note, ...]:
    """`line` without the notes that rub against `sounding` or against the rest of the line.

    For lines whose notes were settled one by one and then cut or tied, which can undo an excuse.
    """
    kept = list(line)
    while True:
        rubbing = next((n for n in kept if clashes(n, [*sounding, *(o for o in kept if o is not n)])), None)
        if rubbing is None:
            return tuple(kept)
        kept = [note for note in kept if note is not rubbing]


def lowest_during(notes: Iterable[Note], start_s: float, end_s: float) -> int | None:
    """Lowest pitch sounding anywhere in a span, None when nothing does."""
    return min((note.pitch for note in notes if note.onset_s < end_s and note.end_s > start_s), default=None)


def pedalled(notes: Sequence[Note], pedal: Sequence[PedalSpan]) -> tuple[Note, ...]:
    """Piano notes as they are heard: held on by the pedal, ended by the same key's next stroke or by fading.

    A pedal that goes down as the key is let go comes too late for it, as in what plays them (`voices.band`).
    """
    heard = []
    spans = sorted(pedal)
    starts = [span.start_s for span in spans]
    for index, note in enumerate(notes):
        span = bisect.bisect_left(starts, note.end_s - TOO_LATE_S) - 1
        end_s = max(note.end_s, spans[span].end_s) if span >= 0 else note.end_s
        again_s = next((n.onset_s for n in notes[index + 1 :] if n.pitch == note.pitch), end_s)
        end_s = max(note.end_s, min(end_s, again_s))
        end_s = min(end_s, note.onset_s + ring_s(note.pitch))
        heard.append(replace(note, duration_s=max(end_s - note.onset_s, 0.01)))
    return tuple(heard)
