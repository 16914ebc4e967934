"""`python -m engine.sound.layers.compiling`: compiles the layers' loops once, so that the first evening need not wait.

Numba keeps what it compiled beside the source (or in NUMBA_CACHE_DIR), for this processor.
"""

from __future__ import annotations

from engine.sound.layers.layers import Layers


def main() -> None:
    """Layers load all of their loops when they are made."""
    Layers().close()


if __name__ == "__main__":
    main()
