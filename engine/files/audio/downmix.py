"""Any number of channels as two or one, so that nothing that sounds is lost.

Weights are those of ITU-R BS.775-3, annex 4: centre and surrounds at -3 dB to the sides they are at; the low-frequency
channel is left out, unless it is all there is. Orders of channels are those of WAVEFORMATEXTENSIBLE and of FLAC
(RFC 9639, 9.1.3), for Ogg those of Vorbis I, 4.3.9.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

HALF_POWER: Final = 0.5**0.5
_WEIGHTS: Final = {
    "L": (1.0, 0.0),
    "R": (0.0, 1.0),
    "C": (HALF_POWER, HALF_POWER),
    "LFE": (0.0, 0.0),
    "Ls": (HALF_POWER, 0.0),
    "Rs": (0.0, HALF_POWER),
    "Cs": (0.5, 0.5),
}
_ORDERS: Final = {
    1: ("C",),
    2: ("L", "R"),
    3: ("L", "R", "C"),
    4: ("L", "R", "Ls", "Rs"),
    5: ("L", "R", "C", "Ls", "Rs"),
    6: ("L", "R", "C", "LFE", "Ls", "Rs"),
    7: ("L", "R", "C", "LFE", "Cs", "Ls", "Rs"),
    8: ("L", "R", "C", "LFE", "Ls", "Rs", "Ls", "Rs"),
}
_OGG_ORDERS: Final = {
    3: ("L", "C", "R"),
    5: ("L", "C", "R", "Ls", "Rs"),
    6: ("L", "C", "R", "Ls", "Rs", "LFE"),
    7: ("L", "C", "R", "Ls", "Rs", "Cs", "LFE"),
    8: ("L", "C", "R", "Ls", "Rs", "Ls", "Rs", "LFE"),
}
CANCELS: Final = 0.05
"""A sum whose power is less than this share of its channels' mean (13 dB below it) is one that cancels."""
SILENT_POWER: Final = 1e-10
_BLOCK_FRAMES: Final = 4_096
_BLOCKS_AT_ONCE: Final = 8
_MOST_CANCELLED: Final = 0.02
"""Of all blocks with sound, this share may cancel before a single channel is taken instead of the sum."""

Sound = NDArray[np.float32]


def stereo_weights(channels: int, container: str = "WAV") -> Sound:
    """[channels, 2]; what has an unknown number of channels goes to both sides in equal parts."""
    orders = {**_ORDERS, **(_OGG_ORDERS if container == "OGG" else {})}
    names = orders.get(channels)
    if channels == 1:
        return np.ones((1, 2), np.float32)
    if names is None:
        return np.full((channels, 2), channels**-0.5, np.float32)
    return np.array([_WEIGHTS[name] for name in names], np.float32)


def fitting_weights(sound: Sound, container: str = "WAV") -> Sound:
    """The usual weights [channels, 2] for sound [frames, channels]; if they lose something, its loudest channel's."""
    weights = stereo_weights(sound.shape[1], container)
    if not _loses(sound, sound @ weights):
        return weights
    return np.eye(sound.shape[1], dtype=np.float32)[:, [_loudest(sound)] * 2]


def to_stereo(sound: NDArray[Any], container: str = "WAV") -> Sound:
    """[frames, channels] as [frames, 2]; where the usual weights leave nothing, the loudest channel on both sides."""
    sound = np.asarray(sound, np.float32)
    return sound if sound.shape[1] == 2 else sound @ fitting_weights(sound, container)


def to_mono(sound: NDArray[Any], container: str = "WAV") -> Sound:
    """[frames, channels] as [frames]: both sides in equal parts, or the louder one where the sum cancels."""
    sides = to_stereo(sound, container) if sound.shape[1] != 1 else np.asarray(sound, np.float32)
    mixed = _mean_of_channels(sides)
    return np.ascontiguousarray(sides[:, _loudest(sides)]) if _loses(sides, mixed[:, None]) else mixed


def _loses(sound: Sound, mixed: Sound) -> bool:
    """Whether the sum loses too much of some channel, if only for a tenth of a second."""
    own, left = _powers(sound), _powers(mixed)
    sounding = own > SILENT_POWER
    lost = sounding & (left < CANCELS * own)
    return bool(lost.sum() > _MOST_CANCELLED * sounding.sum())


def _powers(sound: Sound) -> NDArray[np.float64]:
    """Mean power of the channels, block by block; what is no number counts for nothing."""
    if not len(sound):
        return np.zeros(0)
    several = range(0, len(sound), _BLOCKS_AT_ONCE * _BLOCK_FRAMES)
    return np.concatenate([_block_powers(sound[first : first + several.step]) for first in several])


def _block_powers(sound: Sound) -> NDArray[np.float64]:
    power = _mean_of_channels(np.square(np.nan_to_num(sound, posinf=0.0, neginf=0.0), dtype=np.float64))
    edges = np.arange(0, len(power), _BLOCK_FRAMES)
    sums = np.add.reduceat(power, edges)
    return np.asarray(sums / np.diff(np.append(edges, len(power))))


def _mean_of_channels(sound: NDArray[Any]) -> NDArray[Any]:
    """[frames, channels] as [frames]; channel by channel, since NumPy's mean of a few takes ten times as long."""
    total = sound[:, 0].copy()
    for channel in range(1, sound.shape[1]):
        total += sound[:, channel]
    total /= sound.shape[1]
    return total


def _loudest(sound: Sound) -> int:
    return int(np.argmax(np.sum(np.square(np.nan_to_num(sound), dtype=np.float64), axis=0)))
