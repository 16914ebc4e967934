"""What a record is made with: networks, what they learnt from, sounds, and under which licences."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from engine.album.plan.plan import RecordPlan
from engine.album.plan.sources import DrawnTexture
from engine.files.paths import WEIGHTS_FOLDER
from engine.parameters.stems import VOICES
from engine.sound.textures.library import read_recipe
from engine.sound.voices.soundfonts import recorded_in
from models.common.card_header import read_card
from models.common.weights import content_hash, weights_path

_SOUNDFONT_LICENCES = {"FluidR3": "MIT licence, Frank Wen and others"}


def write_credits(
    path: Path,
    plan: RecordPlan,
    sources: Mapping[tuple[int, str], DrawnTexture | Path],
    soundfont: Path | None,
    software: str,
) -> None:
    """`credits.md`: made from the cards beside the weights and the recipes beside the textures."""
    record = plan.record
    lines = [f"# {record.title}", "", f"{record.artist}. {record.about}".strip(), ""]
    lines += [f"{track.number}. {track.track.title}. {track.track.about}".strip() for track in plan.tracks]
    lines += ["", "## Played by", ""]
    lines += [line for name in performers(plan) for line in _performer(name)]
    lines += ["## Textures", "", *_textures(sources), "", "## Instruments", "", *_instruments(plan, soundfont), ""]
    lines += ["## Software", "", f"{software}, with pyo, FluidSynth, libsndfile, soxr and pyloudnorm.", ""]
    path.write_text("\n".join(lines), "utf-8")


def performers(plan: RecordPlan) -> list[str]:
    """Names of all performers that draw phrases for a record."""
    drawn = (s for t in plan.tracks for s in t.sections if not (s.section.rest or s.section.midi or s.section.again))
    return sorted({section.settings.performer.name for section in drawn})


def _performer(name: str) -> Iterator[str]:
    weights = weights_path(name)
    yield f"**{name}** (weights {content_hash(weights)})"
    yield ""
    data = data_of(weights.parent / "card.md")
    if data:
        yield data
        yield ""


def data_of(card: Path) -> str:
    """The paragraph of a model card that says what was learnt from, and its licence; empty without one."""
    paragraphs = re.split(r"\n\s*\n", read_card(card)[1])
    return next((" ".join(p.split()) for p in paragraphs if "licence" in p.lower()), "")


def _textures(sources: Mapping[tuple[int, str], DrawnTexture | Path]) -> Iterator[str]:
    told: set[str] = set()
    for (track, name), source in sources.items():
        if isinstance(source, DrawnTexture):
            network = f"{source.network} {source.era} (weights {source.weights_hash})"
            yield f"- track {track}, {name}: {source.style}, drawn by {network}, seed {source.seed}"
            told.add(source.network)
        else:
            recipe = read_recipe(source)
            origin = f", drawn by {recipe.network} {recipe.era}" if recipe and recipe.network else ""
            licence = f", {recipe.licence}" if recipe and recipe.licence else ""
            yield f"- track {track}, {name}: {source.name}{origin}{licence}"
    for network_name in sorted(told):
        data = data_of(WEIGHTS_FOLDER / network_name / "card.md")
        if data:
            yield ""
            yield f"**{network_name}** {data}"
    if not sources:
        yield "none"


def _instruments(plan: RecordPlan, soundfont: Path | None) -> Iterator[str]:
    if soundfont is None:
        yield "Synthesised, without a SoundFont."
        return
    yield from _recorded(plan, soundfont)
    licence = next((text for name, text in _SOUNDFONT_LICENCES.items() if soundfont.name.startswith(name)), "")
    yield f"SoundFont {soundfont.name}" + (f", {licence}." if licence else ".")


def _recorded(plan: RecordPlan, soundfont: Path) -> Iterator[str]:
    """Recorded instruments that some voice of some section has."""
    settings = [s for track in plan.tracks for s in (track.settings, *(one.settings for one in track.sections))]
    used = {getattr(one.voice, voice).instrument for one in settings for voice in VOICES}
    for name, instrument in recorded_in(soundfont).items():
        if name in used:
            yield f"{name}: {instrument.about}; by {instrument.credit}, {instrument.licence}."
            yield ""
