"""`python -m engine.layers.compiling`: compiles the layers' loops once, so that the first evening need not wait.

Numba keeps what it compiled beside the source (or in NUMBA_CACHE_DIR), for this processor.
"""

from __future__ import annotations

import numpy as np

from engine.layers.layers import Layers
from engine.layers.manual_server import STEP_FRAMES
from engine.morph import Morph
from engine.reel_format import CHANNELS
from engine.settings import SoundSettings


def main() -> None:
    """Renders a step of silence."""
    layers, settings = Layers(), SoundSettings()
    layers.process(np.zeros((CHANNELS, STEP_FRAMES), np.float32), Morph(settings).values(), settings.scale.root)
    layers.close()


if __name__ == "__main__":
    main()
