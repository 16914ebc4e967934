"""`python -m models.compiling [PART…]`: compiles the drawing loops once, so that nobody who plays need do it.

PART is "phrases" or "textures", all of them without one. Numba keeps what it compiled beside the source (or in
NUMBA_CACHE_DIR), for this processor. A compiler keeps what it took until its process ends: so each network has one of
its own, one after the other.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from engine.errors import WeightsError
from engine.files.compile_cache import note_compiled
from engine.files.paths import WEIGHTS_FOLDER
from engine.signals import become_child
from models.common.weights import FILE_NAME, open_weights

PERFORMERS: Final = ("performance_rnn", "piano_transformer")
"""Kinds of networks that play notes, as they stand in the header of weights."""


def main() -> None:
    """Draws one event and one block of sound with the first networks of each kind; loops are compiled on the way."""
    become_child(0)  # who asked for it may be ended at any time
    for part in sys.argv[1:] or PARTS:
        networks, work = PARTS[part]
        with ProcessPoolExecutor(1, get_context("spawn"), become_child, (0,), max_tasks_per_child=1) as pool:
            list(pool.map(work, networks()))
        note_compiled(part)


def first_performers() -> Iterable[Path]:
    """Weights of the first performer of each kind: loops are the same for networks of any size and depth."""
    found: dict[str, Path] = {}
    for weights in sorted(WEIGHTS_FOLDER.glob(f"*/{FILE_NAME}")):
        try:
            found.setdefault(open_weights(weights, *PERFORMERS)[1]["network"], weights)
        except WeightsError:  # of a network that does not play notes
            continue
    return found.values()


def compile_phrases(weights: Path) -> None:
    from models.performers.drawing.performer import Conditioning, Performer

    Performer(weights.parent.name, weights).draw_events(1, Conditioning(), 1)


def texture_networks() -> Iterable[str]:
    from models.textures.network_file import texture_networks as names

    return names()


def compile_textures(name: str) -> None:
    from models.textures.drawing import TextureDraw
    from models.textures.network_file import load_network

    network = load_network(name)
    draw = TextureDraw(network, network.sizes.styles[0], 1, 0.5, seed=1)
    while not draw.done:
        draw.advance()
    draw.sounds()


PARTS: Final[Mapping[str, tuple[Callable[[], Iterable[object]], Callable[..., None]]]] = {
    "phrases": (first_performers, compile_phrases),
    "textures": (texture_networks, compile_textures),
}
"""What networks a part has, and what compiles the loops of one."""


if __name__ == "__main__":
    main()
