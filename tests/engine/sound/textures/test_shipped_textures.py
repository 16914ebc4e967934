"""The textures that come along: enough for every mood, in its scale, and drawn by the networks that come along."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import soundfile

from engine.music.scale import Scale
from engine.parameters.moods import list_moods, load_mood
from engine.parameters.stems import TEXTURES
from engine.renderer.studio import texture_choice
from engine.sound.textures.analysis import chroma, mono, share_in_scale
from engine.sound.textures.files import textures_in
from engine.sound.textures.library import SHIPPED_FOLDER, Recipe, parse_scale, read_recipe, scale_classes
from engine.sound.textures.loader import LoopLoader
from engine.sound.textures.player import TextureChoice, TexturePlayer
from models.textures.drawing import TextureDraw
from models.textures.network_file import load_network
from models.textures.sampling_preset import SamplingPreset

FILES = textures_in([SHIPPED_FOLDER])
ERAS = (("spectra", "late"), ("haze", "late"), ("air", "late"), ("air", "early"))
MOST_MB = 45.0
LEAST_PER_MOOD_S = 480.0
MORE_THAN_CHANCE = 0.1
SILENT_DB = -60.0
"""Two of a field's were below it for half a minute."""
MEASURED_S = 10
"""The beginning of each: measured is what all of them have on average."""


def recipe_of(path: Path) -> Recipe:
    recipe = read_recipe(path)
    assert recipe, path.name
    return recipe


class Figures(NamedTuple):
    """Of the beginning of one texture of `spectra`."""

    style: str
    shape: tuple[int, int]
    """Rate in Hz, and channels."""
    above_chance: float
    """Share of its power that is in its scale, less what chance would have there."""
    top_db: float
    width: float
    silent_s: int
    """Seconds below `SILENT_DB`."""


def measured(path: Path) -> Figures:
    recipe = recipe_of(path)
    scale = parse_scale(recipe.scale) or ()
    sound, rate_hz = soundfile.read(path, MEASURED_S * 48_000, dtype="float32", always_2d=True)
    power = np.abs(np.fft.rfft(sound, axis=0)) ** 2
    top_db = 10.0 * np.log10(power[MEASURED_S * 8_000 :].sum() / power.sum())
    above_chance = (
        share_in_scale(chroma(mono(sound), rate_hz), scale) - len(scale) / 12.0 if recipe.style == "pads" else 0.0
    )
    seconds_db = 10.0 * np.log10((sound.reshape(-1, rate_hz * sound.shape[1]) ** 2).mean(axis=1) + 1e-12)
    silent_s = int((seconds_db < SILENT_DB).sum())
    return Figures(recipe.style, (rate_hz, sound.shape[1]), above_chance, top_db, np.corrcoef(sound.T)[0, 1], silent_s)


@pytest.fixture(scope="module")
def of_the_plan() -> list[Figures]:
    """To decode them takes most of the time, so each is read once."""
    return [measured(path) for path in FILES if recipe_of(path).network == "spectra"]


@pytest.mark.parametrize("name", list_moods())
def test_each_mood_has_what_it_wants_in_its_scale(name: str) -> None:
    mood = load_mood(name)
    scale = scale_classes(Scale.from_settings(mood.scale))
    chosen = set()
    for stem in TEXTURES:
        names: list[str] = []
        player = TexturePlayer(stem, [SHIPPED_FOLDER], 1, LoopLoader(patient=True), names.append)
        asked = texture_choice(getattr(mood.layer, stem), scale)
        player.choose(TextureChoice(asked.pattern, asked.scale))  # as it is: what is measured is which file is chosen
        player.read()
        player.close()
        assert names[0], f"{stem} wants {asked.pattern!r}, and nothing matches"
        chosen.add(SHIPPED_FOLDER / names[0])
    for path in chosen:
        assert set(parse_scale(recipe_of(path).scale) or ()) <= set(scale), path.name
    assert len(chosen) >= 2


def test_pads_are_heard_in_their_scale_more_than_chance_has_it(of_the_plan: list[Figures]) -> None:
    """Field hums and rustles in no scale, so nothing is asked of it."""
    assert np.mean([one.above_chance for one in of_the_plan if one.style == "pads"]) > MORE_THAN_CHANCE


@pytest.mark.parametrize("name", list_moods())
def test_each_mood_has_eight_minutes_in_its_scale(name: str) -> None:
    scale = load_mood(name).scale
    own = [path for path in FILES if recipe_of(path).scale == f"{scale.root} {scale.mode}"]
    assert sum(soundfile.info(path).duration for path in own) >= LEAST_PER_MOOD_S


def test_they_are_light_and_each_has_a_seed_of_its_own_and_all_networks_drew_some() -> None:
    recipes = [recipe_of(path) for path in FILES]
    assert {recipe.style for recipe in recipes} == set(load_network("air").sizes.styles)
    assert {(recipe.network, recipe.era) for recipe in recipes} == set(ERAS)
    assert len({recipe.seed for recipe in recipes}) == len(recipes)
    assert sum(path.stat().st_size for path in SHIPPED_FOLDER.iterdir()) < MOST_MB * 1e6


def test_those_of_the_plan_have_a_top_and_two_channels(of_the_plan: list[Figures]) -> None:
    assert {one.shape for one in of_the_plan} == {(48_000, 2)}
    assert np.mean([one.top_db for one in of_the_plan]) > -60.0
    assert np.mean([one.width for one in of_the_plan]) < 0.95


def test_those_of_the_plan_are_never_silent_for_long(of_the_plan: list[Figures]) -> None:
    assert max(one.silent_s for one in of_the_plan) <= 2


@pytest.mark.parametrize(("network", "era"), [("spectra", "late"), ("air", "early")])
def test_a_recipe_draws_the_same_again_on_every_processor(network: str, era: str) -> None:
    """A beginning is enough. That of a network which keeps to a sketch would take the whole, for its sketch is of the
    whole: what it depends on stands in `test_sketch` and in the tests of drawing of both networks."""
    recipe = next(r for r in map(recipe_of, FILES) if (r.network, r.era) == (network, era))
    loaded = load_network(network, era)
    assert loaded.hash == recipe.weights_hash, "they are of other weights; draw them again"
    preset = SamplingPreset(**{field.name: getattr(recipe, field.name) for field in fields(SamplingPreset)})
    scale = parse_scale(recipe.scale)
    draw = TextureDraw(loaded, recipe.style, 1, 3.0, recipe.seed, scale, preset)
    while not draw.done:
        draw.advance(20)
    assert draw.checksum(0) == recipe.drawn


def test_all_are_of_the_weights_that_come_along() -> None:
    hashes = {(n, e): load_network(n, e).hash for n, e in ERAS}
    for path in FILES:
        recipe = recipe_of(path)
        assert hashes[recipe.network, recipe.era] == recipe.weights_hash, f"{path.name} is of other weights"
