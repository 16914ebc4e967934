"""Objects of pyo without the copy that each of them makes of its input.

pyo lets every input be faded over to another (`setInput`), so before every object stands a `pyo.InputFader`, which
copies block after block also where nothing is ever faded.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from engine.sound.layers.quiet_pyo import pyo

_FADER: Final = "InputFader"


class _Direct(list[Any]):
    """The streams of an input, where an object expects its fader. They play or rest whatever the object does."""

    def __init__(self, source: Any) -> None:
        streams = source.getBaseObjects() if isinstance(source, pyo.PyoObject) else source
        super().__init__(streams if isinstance(streams, list) else [streams])

    def play(self, *_: Any) -> None:
        pass

    def stop(self, *_: Any) -> None:
        pass


@contextmanager
def direct_inputs() -> Iterator[None]:
    """What is made within reads its input itself, and has no `setInput`. For one thread at a time."""
    modules = [one for name, one in sys.modules.items() if name.startswith("pyo.lib.") and hasattr(one, _FADER)]
    faders = [getattr(one, _FADER) for one in modules]
    for one in modules:
        setattr(one, _FADER, _Direct)
    try:
        yield
    finally:
        for one, fader in zip(modules, faders, strict=True):
            setattr(one, _FADER, fader)
