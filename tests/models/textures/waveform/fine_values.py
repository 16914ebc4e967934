"""What holds for the values that a network of waves draws, whichever network it is."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.textures.audio.mu_law import expand
from models.textures.waveform.class_choice import CLASS_EDGES


class Done(Protocol):
    """A drawing that has come to its end: classes and values [frames x streams]."""

    @property
    def classes(self) -> NDArray[np.uint8]: ...
    @property
    def values(self) -> NDArray[np.float32]: ...


def check_values(coarse: Done, fine: Done, nothing_expected: Done) -> None:
    """Of the same drawing with values amid their classes, and as near to what is expected as classes allow; and of a
    fine one in which nothing is expected."""
    assert np.array_equal(coarse.values, expand(coarse.classes))
    classes = fine.classes.astype(np.int64)
    low, high = CLASS_EDGES[classes], CLASS_EDGES[classes + 1]
    assert np.all((low <= fine.values) & (fine.values <= high))
    assert 0.0 < ((low < fine.values) & (fine.values < high)).mean() < 1.0
    assert not np.array_equal(fine.classes, coarse.classes), "what is drawn goes on from fine values"
    assert np.array_equal(nothing_expected.values, expand(nothing_expected.classes))
