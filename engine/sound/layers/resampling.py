"""Parts of the graph that compute every other frame: what needs no treble costs half.

pyo's own filters for it (`Resample`, mode 2 and more) cost more than they save, and let a steady number waver. So
frames are left out on the way in. On the way out each is held, and the mean of neighbours takes away most of what
that adds at 24 kHz. One frame in four was tried for the compressor: what it adds at 12 kHz lay 58 dB under a piano.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from engine.sound.layers.direct_inputs import direct_inputs
from engine.sound.layers.quiet_pyo import pyo

_EVERY: Final = 2


@contextmanager
def every_other_frame(stream: Any) -> Iterator[None]:
    """All that is made within computes half of the frames; `stream` is any of the graph's.

    Knobs that move such objects must be made within, too: a ramp has as many frames as what it moves.
    """
    server = stream.getBaseObjects()[0].getServer()
    server.beginResamplingBlock(-_EVERY)
    try:
        yield
    finally:
        server.endResamplingBlock()


def thinned(stream: Any) -> Any:
    """Half of the frames of a stream from outside; to be made within. What lies above 12 kHz is heard below it."""
    return pyo.Resample(stream, mode=1)


def whole(stream: Any) -> list[Any]:
    """Objects, in order; the last is a stream from within at the full rate, twice as loud. To be made outside.

    Sound of up to 4 kHz comes back with images at 20 kHz and more that are 22 dB softer.
    """
    held = pyo.Resample(stream, mode=1)
    with direct_inputs():
        late = pyo.Delay1(held)
    return [held, late, pyo.Sig(held, add=late)]
