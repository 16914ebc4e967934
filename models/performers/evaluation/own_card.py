"""The card of a performer that somebody trained for themselves."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from models.common.card_header import CARD, CardHeader, with_header
from models.common.weights import FILE_NAME
from models.performers.evaluation.model_card import write_card
from models.performers.evaluation.quality_report import Material

PHRASES = 12
"""Enough to see what it plays; `models card` measures more."""


def write_own_card(
    folder: Path, material: Material, corpora: Sequence[Path], start: str, licence: str, by_heart: bool = False
) -> None:
    """Measures the weights in `folder` and writes their card; a card that a person has changed keeps its text.

    Args:
        by_heart: the corpora are a book that it is to play variations of; the card says so.
    """
    if (folder / CARD).exists():
        write_card(folder.name, folder / FILE_NAME, material, None, PHRASES)
        return
    names = ", ".join(corpus.resolve().name for corpus in corpora)
    hours = sum(piece.length_s for piece in material.learnt) / 3600
    lines = [
        f"Learnt from {len(material.learnt)} performances in {names} ({hours:.1f} hours, with all renderings)"
        + (f", beginning with what `{start}` knew." if start else ", from nothing."),
        "",
    ]
    if not material.kept_out:
        lines += [
            "Nothing was held out: it was meant to learn its corpus by heart. Losses are those of the corpus itself."
        ]
    with TemporaryDirectory() as temporary:
        about = Path(temporary) / "about.md"
        header = CardHeader(data=names, licence=licence, by_heart=names if by_heart else "")
        about.write_text(with_header(header, "\n".join(lines)), "utf-8")
        write_card(folder.name, folder / FILE_NAME, material, about, PHRASES)
