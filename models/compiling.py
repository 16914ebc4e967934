"""`python -m models.compiling`: compiles the drawing loops once, so that the first start need not wait for them.

Numba keeps what it compiled beside the source (or in NUMBA_CACHE_DIR), for this processor.
"""

from __future__ import annotations

from engine.errors import WeightsError
from engine.files.paths import WEIGHTS_FOLDER
from models.common.weights import FILE_NAME
from models.performers.drawing.performer import Conditioning, Performer
from models.textures.drawing import TextureDraw
from models.textures.network_file import load_network, texture_networks


def main() -> None:
    """Draws one event and one block of sound with the first networks there are; loops are compiled on the way."""
    _compile_phrases()
    _compile_textures()


def _compile_textures() -> None:
    for name in texture_networks():
        network = load_network(name)
        draw = TextureDraw(network, network.sizes.styles[0], 1, 0.5, seed=1)
        while not draw.done:
            draw.advance()
        draw.sounds()


def _compile_phrases() -> None:
    """With the first performer of each kind."""
    kinds: set[str] = set()
    for weights in sorted(WEIGHTS_FOLDER.glob(f"*/{FILE_NAME}")):
        try:
            performer = Performer(weights.parent.name, weights)
        except WeightsError:  # of a network that does not play notes
            continue
        if performer.kind not in kinds:
            performer.draw_events(1, Conditioning(), 1)
            kinds.add(performer.kind)


if __name__ == "__main__":
    main()
