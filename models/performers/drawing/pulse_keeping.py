"""A steadier beat for a phrase: its beats are tracked and drawn, by as little as is needed, towards even ones.

Networks that draw event by event add up waits, and small errors with them: they lose a beat that people keep. Beats are
tracked by dynamic programming (Ellis 2007, "Beat Tracking by Dynamic Programming", Journal of New Music Research 36),
then two kinds of deviation shrink by the same share: those of the beats from an even tempo, and those of onsets between
them from halves, thirds and quarters of a beat. Notes, releases and pedal move along, so that what was bound stays
bound.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.music.notes import Note, PedalSpan, Phrase, sorted_notes
from models.performers.vocabulary.pulse import LEAST_ONSETS, WINDOW_S, steadiness

Times = NDArray[np.float64]

FRAME_S: Final = 0.02
SHORTEST_S: Final = 0.05
"""A note that is as long as this, or longer, does not become shorter than this."""
CHORD_S: Final = 0.13
"""Onsets that follow one another as soon as this are one chord, rolled or graced, and move together as they are."""

BEAT_S: Final = (0.35, 1.4)
USUAL_BEAT_S: Final = 0.7
BEAT_OCTAVES: Final = 1.0
"""Standard deviation of the beat's length around the usual one, as a power of two."""

TIGHTNESS: Final = 6.0
"""How much a beat that is twice too long or short costs, in onsets of usual strength that it would have to meet."""

PARTS: Final = (1, 2, 3, 4)
FINER_COSTS: Final = 0.12
MERGING_COSTS: Final = 0.1
"""What each further part of a beat must gain, and each two chords that fall into one part, as the root of the mean
square of deviations in beats. Finer parts keep more of what was played, and less of a beat: phrases of `satie` reach a
steadiness of 0.29 with 0.02 and 1, and 0.47 with these."""

_BEAT: Final = 2
"""Beside the seed: these random numbers are other ones than those that choose events."""

SHARES: Final = (0.25, 0.4, 0.55, 0.7, 0.85, 1.0)
"""By these shares, one after the other, deviations are tried to be made smaller."""


VARIETY: Final = (0.5, 1.5)
"""A phrase is asked for so many times the steadiness that a mood asks for: some playing is freer than other."""


def with_beat(phrase: Phrase, beat: float | None, seed: int) -> Phrase:
    """The phrase about as steady as a mood asks, 0..1; None leaves it as it is. The same seed gives the same."""
    if beat is None or not phrase.notes:
        return phrase
    return steadied(phrase, varied_beat(beat, seed))


def varied_beat(beat: float, seed: int) -> float:
    """How steady one phrase should be, 0..1, of a mood that asks for `beat`."""
    low, high = VARIETY
    return min(beat * (low + (high - low) * place_among_people(seed)), 1.0)


def place_among_people(seed: int) -> float:
    """From the freest phrases, 0, to the steadiest, 1: where that of a seed is."""
    return float(np.random.default_rng((seed, _BEAT)).random())


def mean_steadiness(phrase: Phrase) -> float:
    """In windows of 12 s, one from the start and one from 6 s on, …"""
    onsets = np.array([note.onset_s for note in phrase.notes])
    starts = np.arange(0.0, max(phrase.length_s - WINDOW_S, 0.0) + 0.1, WINDOW_S / 2)
    return float(np.mean([steadiness(onsets, start) for start in starts]))


def steadied(phrase: Phrase, least_steadiness: float) -> Phrase:
    """The phrase with its beat as steady as asked, 0..1, or as steady as it becomes; unchanged where it is already."""
    chords = _chords(phrase)
    best, reached = phrase, mean_steadiness(phrase)
    if reached >= least_steadiness or len(chords) < LEAST_ONSETS:
        return phrase
    beats = tracked_beats(chords, _strengths(phrase, chords))
    if len(beats) < LEAST_ONSETS:
        return phrase
    even = _even_places(chords, beats)
    for share in SHARES:
        tried = _moved(phrase, chords, np.maximum.accumulate(chords + share * (even - chords)))
        found = mean_steadiness(tried)
        if found > reached:
            best, reached = tried, found
        if reached >= least_steadiness:
            break
    return best


def tracked_beats(chords_s: Times, strengths: Times) -> Times:
    """Times of the beats that chords suggest: strong ones meet them, and they follow each other evenly."""
    count = int(chords_s[-1] / FRAME_S) + 2
    struck = np.zeros(count)
    np.maximum.at(struck, np.rint(chords_s / FRAME_S).astype(np.int64), strengths)
    struck = np.convolve(struck, np.array([0.3, 0.8, 1.0, 0.8, 0.3]), "same")
    period = _beat_frames(struck)
    lags = np.arange(max(period // 2, 1), 2 * period + 1)
    cost = TIGHTNESS * np.log2(lags / period) ** 2
    score, before = struck.copy(), np.full(count, -1)
    for frame in range(int(lags[0]), count):
        usable = lags[lags <= frame]
        found = score[frame - usable] - cost[: len(usable)]
        best = int(found.argmax())
        if found[best] > 0.0:
            score[frame] += found[best]
            before[frame] = frame - usable[best]
    beats = [count - lags[-1] // 2 + int(score[count - lags[-1] // 2 :].argmax())] if count > lags[-1] else []
    while beats and before[beats[-1]] >= 0:
        beats.append(int(before[beats[-1]]))
    return np.array(beats[::-1], float) * FRAME_S


def _chords(phrase: Phrase) -> Times:
    """When each chord begins, in seconds; rising."""
    onsets = np.array(sorted(note.onset_s for note in phrase.notes))
    return onsets[np.append(True, np.diff(onsets) > CHORD_S)] if len(onsets) else onsets


def _strengths(phrase: Phrase, chords: Times) -> Times:
    """How much each chord sounds like a beat, about 1: loud ones, full ones and low ones do."""
    strengths = np.zeros(len(chords))
    for note in phrase.notes:
        low = 1.5 if note.pitch < 52 else 1.0
        strengths[np.searchsorted(chords, note.onset_s, "right") - 1] += low * note.velocity
    return np.sqrt(strengths / max(float(strengths.mean()), 1e-9))


def _beat_frames(struck: Times) -> int:
    """The beat's length in frames, by autocorrelation, where lengths near the usual one are likelier."""
    centred = struck - struck.mean()
    correlation = np.correlate(centred, centred, "full")[len(centred) - 1 :]
    lags = np.arange(round(BEAT_S[0] / FRAME_S), min(round(BEAT_S[1] / FRAME_S) + 1, len(correlation)))
    away = np.log2(lags * FRAME_S / USUAL_BEAT_S) / BEAT_OCTAVES
    return int(lags[np.argmax(correlation[lags] * np.exp(-0.5 * away**2))]) if len(lags) else 1


def _even_places(chords: Times, beats: Times) -> Times:
    """Where each chord would begin with even beats and even parts of beats."""
    numbers = np.arange(len(beats))
    tempo, first = np.polyfit(numbers, beats, 1)
    gaps = np.diff(beats)
    before = np.arange(1, 1 + max(0, int(np.ceil((beats[0] - chords[0]) / gaps[0]))))[::-1]
    after = np.arange(1, 2 + max(0, int(np.ceil((chords[-1] - beats[-1]) / gaps[-1]))))
    all_beats = np.concatenate([beats[0] - before * gaps[0], beats, beats[-1] + after * gaps[-1]])
    all_numbers = np.concatenate([-before, numbers, numbers[-1] + after])
    place = np.interp(chords, all_beats, all_numbers.astype(float))
    for beat in np.unique(np.floor(place)):
        inside = np.floor(place) == beat
        place[inside] = beat + even_parts(place[inside] - beat)
    return first + tempo * place


def even_parts(within: Times) -> Times:
    """Places within one beat, 0..1, at the nearest of its parts; as many parts as they suggest."""

    def cost(parts: int) -> float:
        away = within - np.rint(within * parts) / parts
        merged = len(within) - len(np.unique(np.rint(within * parts)))
        return float(np.sqrt(np.mean(away**2))) + FINER_COSTS * parts + MERGING_COSTS * merged

    parts = min(PARTS, key=cost)
    return np.asarray(np.rint(within * parts) / parts)


def _moved(phrase: Phrase, chords: Times, places: Times) -> Phrase:
    """All of a phrase, its chords at new places and what lies between them along with them."""
    shift = places - chords

    def moved(time_s: float) -> float:
        return round(float(time_s + np.interp(time_s, chords, shift)) - float(places[0]), 4)

    notes: dict[tuple[float, int], Note] = {}  # two strikes of a key that meet become one
    for note in phrase.notes:
        onset_s, end_s = max(moved(note.onset_s), 0.0), moved(note.end_s)
        shortest_s = min(note.duration_s, SHORTEST_S)
        notes[onset_s, note.pitch] = replace(note, onset_s=onset_s, duration_s=max(end_s - onset_s, shortest_s))
    pedal = [PedalSpan(max(moved(p.start_s), 0.0), max(moved(p.end_s), 0.0)) for p in phrase.pedal]
    return replace(phrase, notes=sorted_notes(notes.values()), pedal=tuple(p for p in pedal if p.end_s > p.start_s))
