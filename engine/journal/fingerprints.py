"""Short names for the contents of files, by which a later replay notices that something is no longer what it was."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from engine.files.paths import INSTRUMENTS_FOLDER, ROOT

_PIECE_BYTES: Final = 1 << 20
ENGINE: Final = ROOT / "engine"


def file_fingerprint(path: Path) -> str:
    """16 hexadecimal digits that depend on every byte of the file (BLAKE2b). Raises OSError."""
    digest = hashlib.blake2b(digest_size=8)
    with path.open("rb") as file:
        while piece := file.read(_PIECE_BYTES):
            digest.update(piece)
    return digest.hexdigest()


def excerpt_fingerprint(path: Path) -> str:
    """The same, of the length and three excerpts: for SoundFonts, which are large and whose beginning is a table."""
    digest = hashlib.blake2b(digest_size=8)
    with path.open("rb") as file:
        length = path.stat().st_size
        digest.update(str(length).encode())
        for start in (0, length // 2, max(0, length - _PIECE_BYTES)):
            file.seek(start)
            digest.update(file.read(_PIECE_BYTES))
    return digest.hexdigest()


def engine_fingerprint(folder: Path = ENGINE) -> str:
    """Of the engine's own code and its instruments: others may make other sound of the same scores."""
    instruments = (path for kind in ("*.yaml", "*/*.json") for path in INSTRUMENTS_FOLDER.glob(kind))
    return _of_texts([*sorted(folder.rglob("*.py")), *sorted(instruments)])


def _of_texts(paths: Iterable[Path]) -> str:
    digest = hashlib.blake2b(digest_size=8)
    for path in paths:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
