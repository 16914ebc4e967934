"""The credits of a record, for people: who plays, what draws, what was learnt from; every licence, each once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from engine.album.plan.plan import PlannedSection, RecordPlan
from engine.album.plan.sheet import ThemeSource
from engine.album.plan.sources import DrawnTexture
from engine.files.paths import WEIGHTS_FOLDER
from engine.parameters.instruments import RecordedInstrument
from engine.parameters.stems import VOICES
from engine.sound.textures.library import Recipe, read_recipe
from engine.sound.voices.soundfonts import recorded_in
from models.common.card_header import CARD, CardHeader, read_card
from models.common.weights import content_hash, weights_path

_SOUNDFONT_CREDITS: Final = {"FluidR3": "Frank Wen and others, under the MIT licence"}
_KINDS: Final = {
    "performance_rnn": "a Performance RNN",
    "piano_transformer": "a Piano Transformer",
    "wavenet": "a WaveNet",
    "samplernn": "a SampleRNN",
    "spectral": "a network of plans, codes and spectra",
}
ATTRIBUTIONS: Final = {
    "CC BY 3.0": "Creative Commons Attribution 3.0 Unported, https://creativecommons.org/licenses/by/3.0/",
    "CC0": "Creative Commons Zero, no rights reserved, https://creativecommons.org/publicdomain/zero/1.0/",
    "MIT": "the MIT licence, https://opensource.org/license/mit/: keep the names of its holders and its text",
    "public domain": "in the public domain: nobody's permission is needed",
}
"""What licences mean, by the names that cards and instruments give them."""


def write_credits(
    path: Path,
    plan: RecordPlan,
    sources: Mapping[tuple[int, str], DrawnTexture | Path],
    soundfont: Path | None,
    software: str,
) -> None:
    """`credits.md`: made from the cards beside the weights and the recipes beside the textures."""
    record = plan.record
    pianists = {name: weights_path(name) for name in performers(plan)}
    headers = {name: _header(weights.parent) for name, weights in pianists.items()}
    headers |= {name: _header(WEIGHTS_FOLDER / name) for name in _texture_networks(sources)}
    people = [*_pianists(plan, pianists, headers), "", *_textures(sources, headers), "", *_corpora(headers)]
    people += [*_instruments(plan, soundfont)]
    said = "\n".join(people)
    lines = [f"# {record.title}", "", f"by {record.artist}", "", record.about, ""]
    lines += [f"{track.number}. **{track.track.title}.** {track.track.about}".rstrip() for track in plan.tracks]
    lines += ["", *people, "", "## Licences", "", *_licences(said)]
    lines += ["", "## Made with", "", f"{software}, pyo, FluidSynth, libsndfile, soxr and pyloudnorm.", ""]
    path.write_text("\n".join(lines), "utf-8")


def performers(plan: RecordPlan) -> list[str]:
    """Names of all performers that draw phrases for a record."""
    drawn = [s for t in plan.tracks for s in t.sections if not (s.section.rest or s.section.midi or s.section.again)]
    asked = [section.settings.performer for section in drawn]
    words = {one.themes for one, section in zip(asked, drawn, strict=True) if section.section.own_words and one.themes}
    themes = {theme.performer.name for t in plan.tracks for theme in t.track.themes.values() if _says_who(theme)}
    return sorted({one.name for one in asked} | words | themes)


def _says_who(theme: ThemeSource) -> bool:
    return "name" in theme.performer.model_fields_set


def _pianists(plan: RecordPlan, weights: Mapping[str, Path], headers: Mapping[str, CardHeader]) -> Iterator[str]:
    yield "## Who plays"
    yield ""
    for name, path in weights.items():
        tracks = [str(t.number) for t in plan.tracks if any(_draws(section, name) for section in t.sections)]
        where = f", on track{'s' * (len(tracks) > 1)} {_listed(tracks)}" if tracks else ""
        yield f"- **{name}**, {_kind(headers[name])}{where}; weights {content_hash(path)}."
        if headers[name].by_heart:
            yield f"  It was overfitted on purpose: what it plays are variations of {headers[name].by_heart},"
            yield "  which it knows by heart."
    if not weights:
        yield "Nobody: there is no piano on it."


def _draws(planned: PlannedSection, name: str) -> bool:
    asked, section = planned.settings.performer, planned.section
    given = section.rest or section.midi or section.again
    return not given and (asked.name == name or (section.own_words and asked.themes == name))


def _kind(header: CardHeader) -> str:
    return _KINDS.get(header.network, "a network")


def _header(folder: Path) -> CardHeader:
    return read_card(folder / CARD)[0]


def _corpora(headers: Mapping[str, CardHeader]) -> Iterator[str]:
    """What networks learnt from, each corpus once."""
    learnt: dict[tuple[str, str], list[str]] = {}
    for name, header in headers.items():
        if header.data:
            learnt.setdefault((header.data, header.licence), []).append(name)
    if learnt:
        yield "## What they learnt from"
        yield ""
        for (data, licence), names in learnt.items():
            yield f"- {_listed(names)}: {data}" + (f" ({licence})." if licence else ".")
        yield ""


def _texture_networks(sources: Mapping[tuple[int, str], DrawnTexture | Path]) -> dict[str, str]:
    """Networks of textures by name, with the weights they draw with; "" where a file only says who drew it."""
    recipes = [read_recipe(source) for source in sources.values() if isinstance(source, Path)]
    named = {recipe.network: "" for recipe in recipes if recipe and recipe.network}
    drawn = {source.network: source.weights_hash for source in sources.values() if isinstance(source, DrawnTexture)}
    return dict(sorted((named | drawn).items()))


def _textures(
    sources: Mapping[tuple[int, str], DrawnTexture | Path], headers: Mapping[str, CardHeader]
) -> Iterator[str]:
    """Networks once each, then the textures they drew, by track."""
    yield "## The air"
    yield ""
    if not sources:
        yield "None."
    for network, weights in _texture_networks(sources).items():
        yield f"- **{network}**, {_kind(headers[network])}" + (f"; weights {weights}." if weights else ".")
    for (track, name), source in sources.items():
        recipe = read_recipe(source) if isinstance(source, Path) else None
        yield f"- track {track}, {name}: {_texture(source, recipe)}"


def _texture(source: DrawnTexture | Path, recipe: Recipe | None) -> str:
    if isinstance(source, DrawnTexture):
        return f"{source.style}, drawn by {source.network} ({source.era}, seed {source.seed})"
    origin = f", drawn by {recipe.network} ({recipe.era})" if recipe and recipe.network else ""
    licence = f", {recipe.licence}" if recipe and recipe.licence else ""
    return f"{source.name}{origin}{licence}"


def _instruments(plan: RecordPlan, soundfont: Path | None) -> Iterator[str]:
    yield "## Instruments"
    yield ""
    if soundfont is None:
        yield "Synthesised, without a SoundFont."
        return
    makers: dict[tuple[str, str], list[str]] = {}
    for name, instrument in _recorded(plan, soundfont).items():
        makers.setdefault((instrument.credit, instrument.licence), []).append(f"{name} ({instrument.about})")
    for (credit, licence), what in makers.items():
        yield f"- {'; '.join(what)}: recorded by {credit}, {licence}."
    credit = next((text for name, text in _SOUNDFONT_CREDITS.items() if soundfont.name.startswith(name)), "")
    yield f"- all others: SoundFont {soundfont.name}" + (f", by {credit}." if credit else ".")


def _recorded(plan: RecordPlan, soundfont: Path) -> dict[str, RecordedInstrument]:
    """Recorded instruments that some voice of some section plays."""
    voices = [s.settings.voice for track in plan.tracks for s in track.sections if not s.section.rest]
    asked = [getattr(voice, name) for voice in voices for name in VOICES]
    used = {one.instrument for one in asked if one.density > 0.0}
    return {name: instrument for name, instrument in recorded_in(soundfont).items() if name in used}


def _licences(said: str) -> Iterator[str]:
    """The full words of each licence that was named, once."""
    for name, words in ATTRIBUTIONS.items():
        if name in said:
            yield f"- {name}: {words}."


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
