"""Where a drawn phrase may stop: at a breath, with no key left hanging."""

from __future__ import annotations

from dataclasses import replace

from engine.notes import Note, PedalSpan, Phrase

EARLIEST_END = 0.6
"""A breath is looked for from this share of the asked length on."""

LONGEST_RING_S = 4.0
"""The last notes may ring this long after the last key was struck."""


def musical_end(phrase: Phrase, asked_s: float) -> Phrase:
    """The phrase up to its best breath near `asked_s`: the onset gap that is longest for where it lies.

    A pause before the asked length counts its own length, a later one less, so that lengths stay near what was
    asked. Leading silence is cut; what would sound beyond the end is released there.
    """
    if not phrase.notes:
        return replace(phrase, pedal=())
    start_s = phrase.notes[0].onset_s
    onsets = sorted({n.onset_s - start_s for n in phrase.notes})
    end_s = _best_breath_s(onsets, asked_s)
    notes = tuple(
        Note(round(n.onset_s - start_s, 4), n.pitch, n.duration_s, n.velocity)
        for n in phrase.notes
        if n.onset_s - start_s < end_s
    )
    last_s = notes[-1].onset_s + LONGEST_RING_S
    held = tuple(replace(n, duration_s=min(n.duration_s, last_s - n.onset_s)) for n in notes)
    return replace(phrase, notes=held, pedal=_pedal(phrase, start_s, last_s))


def _best_breath_s(onsets: list[float], asked_s: float) -> float:
    """The end of the best gap: notes that begin before it are kept."""
    gaps = list(zip(onsets, [*onsets[1:], onsets[-1] + 1.0], strict=True))
    candidates = [(a, b) for a, b in gaps if EARLIEST_END * asked_s <= b <= 1.3 * asked_s]
    if not candidates:
        return min(asked_s * 1.3, onsets[-1] + 1.0)
    best = max(candidates, key=lambda gap: (gap[1] - gap[0]) * (1 - 0.5 * abs(gap[0] - asked_s) / asked_s))
    return best[1]


def _pedal(phrase: Phrase, start_s: float, last_s: float) -> tuple[PedalSpan, ...]:
    moved = ((max(0.0, p.start_s - start_s), min(p.end_s - start_s, last_s)) for p in phrase.pedal)
    return tuple(PedalSpan(round(a, 4), round(b, 4)) for a, b in moved if b > a)
