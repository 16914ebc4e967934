"""Phrases and scores cut: given MIDI into pieces, scores at the end of their section, a cello under what follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from engine.album.performance.played import Placed, Played
from engine.music.arranging.lines import kept_under
from engine.music.beat import beat_windows
from engine.music.harmony import pedalled
from engine.music.notes import Note, PedalSpan, Phrase, Score

LONGEST_PIECE_S: Final = 40.0
"""Given MIDI is arranged in pieces of at most this."""
RELEASE_S: Final = 1.5
"""What sounds at the end of a section may ring on this long."""


def pieces(phrase: Phrase) -> list[Phrase]:
    """A long phrase cut before its widest rests, into pieces of at most `LONGEST_PIECE_S`."""
    onsets = [note.onset_s for note in phrase.notes]
    if not onsets or onsets[-1] - onsets[0] <= LONGEST_PIECE_S:
        return [part(phrase, 0.0, float("inf"))] if onsets else []
    inner = [i for i in range(1, len(onsets)) if 6.0 < onsets[i] - onsets[0] <= LONGEST_PIECE_S]
    at = max(inner, key=lambda i: (onsets[i] - onsets[i - 1], i), default=1)
    return [part(phrase, 0.0, onsets[at]), *pieces(part(phrase, onsets[at], float("inf")))]


def part(phrase: Phrase, start_s: float, end_s: float) -> Phrase:
    """The notes of a phrase that begin in a span, and its pedal, with the span's beginning as second 0."""
    notes = tuple(replace(n, onset_s=n.onset_s - start_s) for n in phrase.notes if start_s <= n.onset_s < end_s)
    spans = ((max(p.start_s, start_s), min(p.end_s, end_s)) for p in phrase.pedal)
    pedal = tuple(PedalSpan(a - start_s, b - start_s) for a, b in spans if b > a)
    return replace(phrase, notes=notes, pedal=pedal)


def until(score: Score, end_s: float) -> Score:
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


def kept_apart(placed: Sequence[Placed]) -> tuple[Placed, ...]:
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
