"""`python -m models.compiling`: compiles the drawing loop once, so that the first evening need not wait for it.

Numba keeps what it compiled beside the source (or in NUMBA_CACHE_DIR), for this processor.
"""

from __future__ import annotations

from engine.errors import WeightsError
from models.performer import PerformanceRnnPerformer, Wishes
from models.weight_files import FILE_NAME, WEIGHTS_FOLDER


def main() -> None:
    """Draws one event with the first performer there is; the rest of the loop is compiled on the way."""
    for weights in sorted(WEIGHTS_FOLDER.glob(f"*/{FILE_NAME}")):
        try:
            PerformanceRnnPerformer(weights.parent.name, weights).draw_events(1, Wishes(), 1)
        except WeightsError:  # of another network
            continue
        return


if __name__ == "__main__":
    main()
