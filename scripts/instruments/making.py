"""From notes as they were published to notes as they are shipped, one function for each kind of instrument."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from scripts.instruments.bowing import Bow, bow, prolonged_bow
from scripts.instruments.ensembles import prolonged
from scripts.instruments.harmonics import STEP
from scripts.instruments.measuring import beginning, ending, falls_db_per_s, level_db
from scripts.instruments.ogg_pages import shortened
from scripts.instruments.packing import FINE, SMALL, Recording, encoded
from scripts.instruments.ringing import cents_above, partials, rung_out
from scripts.instruments.soundfont_samples import Sample
from scripts.instruments.sources import Source
from scripts.instruments.tuning import centre_cents, cents_off

LONG_S: Final = 16.0
"""Of a bow; its last four seconds are faded as it is played."""
SUNG_S: Final = 14.0
"""Of a choir, likewise."""
RING_S: Final = 12.0
_NEIGHBOURS: Final = 12
_WIDEST_CENTS: Final = 16.0
"""Standard deviation of the pitch: a bow with a wider vibrato stands out among others."""
_SUNG_S: Final = 0.4
"""After this a choir is steady."""
_ALIKE: Final = 0.9
"""Sides that are more alike than this are kept as one."""


def cut(source: Source, target: Path, prefix: str = "") -> Recording:
    """An Ogg file, shortened without being decoded."""
    return _kept(source, target, shortened, prefix, tuned=False)


def packed(source: Source, target: Path) -> Recording:
    """A note of any format, whole."""
    return _kept(source, target, lambda _data, end: encoded(source.sound()[0][:end], source.sound()[1]), "", tuned=True)


def bowed(sources: Iterable[Source], wanted: tuple[int, ...], target: Path) -> Iterable[Recording]:
    """The wanted pitches, each held for `LONG_S` with its own bow and its neighbours'."""
    bows = {one.pitch: _bow(one) for one in sources}
    for pitch in wanted:
        usual = (one for one in bows if one != pitch and bows[one].spread_cents < _WIDEST_CENTS)
        others = sorted(usual, key=lambda one: abs(one - pitch))[:_NEIGHBOURS]
        rate_hz = bows[pitch].harmonics.rate_hz
        sound = prolonged_bow(bows[pitch], [bows[one] for one in others], LONG_S, seed=pitch)
        cents = 1200 * np.log2(bows[pitch].pitch_hz / frequency_hz(pitch))
        begin = bows[pitch].begin * STEP
        yield _stored(sound[:, np.newaxis], rate_hz, pitch, target, judged_from=begin, cents=float(cents))


def rung(samples: Iterable[tuple[int, Sample]], target: Path, judged_s: float, blend_s: float) -> Iterable[Recording]:
    """Samples up to their loops, and then as they would have rung."""
    for pitch, sample in samples:
        sound = sample.sound[: sample.loop[1]].astype(np.float64)
        if float(np.asarray(np.corrcoef(sound.T))[0, 1]) > _ALIKE:
            sound = sound.mean(axis=1, keepdims=True)
        judged = min(judged_s, 0.6 * len(sound) / sample.rate_hz)
        poles = partials(sound[-round(judged * sample.rate_hz) :, 0], sample.rate_hz)
        cents = cents_above(poles, sample.rate_hz, frequency_hz(pitch))
        whole = rung_out(sound, sample.rate_hz, RING_S, judged, blend_s)
        yield _stored(whole, sample.rate_hz, pitch, target, cents=cents)


def sung(samples: Iterable[tuple[int, Sample]], target: Path) -> Iterable[Recording]:
    """Samples up to the end of their loops, and then on without one."""
    for pitch, sample in samples:
        begin = round(_SUNG_S * sample.rate_hz)
        sound = sample.sound[: sample.loop[1]].astype(np.float64)
        whole = prolonged(sound, sample.rate_hz, begin, SUNG_S, seed=pitch)
        cents = centre_cents(whole.sum(axis=1).astype(np.float32), sample.rate_hz, pitch)
        yield _stored(whole, sample.rate_hz, pitch, target, judged_from=begin, cents=cents, smallness=SMALL)


def frequency_hz(pitch: int) -> float:
    """Of a MIDI pitch, in equal temperament."""
    return float(440 * 2 ** ((pitch - 69) / 12))


def _bow(source: Source) -> Bow:
    sound, rate_hz = source.sound()
    return bow(sound.mean(axis=1).astype(np.float64), rate_hz, frequency_hz(source.pitch))


def _stored(
    sound: NDArray[np.floating[Any]],
    rate_hz: int,
    pitch: int,
    target: Path,
    judged_from: int = 0,
    cents: float | None = None,
    smallness: float = FINE,
) -> Recording:
    fitting = np.asarray(0.9 * sound / np.abs(sound).max(), dtype=np.float32)
    start = beginning(fitting, rate_hz)
    file = f"{pitch:03d}-0.ogg"
    (target / file).write_bytes(encoded(fitting, rate_hz, smallness))
    off = cents_off(fitting[start:].mean(axis=1), rate_hz, pitch) if cents is None else cents
    gain_db = -level_db(fitting, rate_hz, max(start, judged_from))
    return Recording(file, pitch, 0, start, len(fitting) - start, gain_db, round(off, 1))


def _kept(
    source: Source, target: Path, stored: Callable[[bytes, int], bytes], prefix: str, *, tuned: bool
) -> Recording:
    sound, rate_hz = source.sound()
    start = beginning(sound, rate_hz)
    end = ending(sound, rate_hz, start)
    file = f"{prefix}{source.pitch:03d}-{source.layer}.ogg"
    (target / file).write_bytes(stored(source.data, end))
    cents = cents_off(sound[start:end].mean(axis=1), rate_hz, source.pitch) if tuned else 0.0
    falls = falls_db_per_s(sound[start:end], rate_hz) if tuned else 0.0
    gain_db = -level_db(sound, rate_hz, start)
    return Recording(file, source.pitch, source.layer, start, end - start, gain_db, cents, falls)
