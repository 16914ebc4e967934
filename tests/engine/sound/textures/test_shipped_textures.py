"""The textures that come along: enough for every mood, in its scale, and drawn by the network that comes along."""

from __future__ import annotations

import hashlib
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.music.scale import Scale
from engine.parameters.moods import list_moods, load_mood
from engine.parameters.stems import TEXTURES
from engine.renderer.studio import texture_choice
from engine.sound.textures.analysis import mono, share_in_scale
from engine.sound.textures.files import textures_in
from engine.sound.textures.library import SHIPPED_FOLDER, parse_scale, read_recipe, scale_classes
from engine.sound.textures.loader import LoopLoader
from engine.sound.textures.player import TextureChoice, TexturePlayer
from models.textures.audio.mu_law import RATE_HZ
from models.textures.conditioning.sampling_preset import SamplingPreset
from models.textures.drawing import TextureDraw, draw_all
from models.textures.network_file import eras_of, load_network

FILES = textures_in([SHIPPED_FOLDER])
MOST_MB = 8.0
IN_SCALE = 0.85
POWERS = "de46ec8667ee1286"
"""Of the processors with AVX-512 on which they were drawn."""


def heard_share(path: Path, scale: tuple[int, ...]) -> float:
    sound, rate_hz = soundfile.read(path, dtype="float32", always_2d=True)
    return share_in_scale(mono(sound[: 20 * rate_hz]), rate_hz, scale)


@pytest.mark.parametrize("name", list_moods())
def test_each_mood_has_what_it_wants_in_its_scale(name: str) -> None:
    mood = load_mood(name)
    scale = scale_classes(Scale.from_settings(mood.scale))
    chosen = set()
    for stem in TEXTURES:
        names: list[str] = []
        player = TexturePlayer(stem, [SHIPPED_FOLDER], 1, LoopLoader(patient=True), names.append, pytest.fail)
        asked = texture_choice(getattr(mood.layer, stem), scale)
        player.choose(TextureChoice(asked.pattern, asked.scale))  # as it is: what is measured is which file is chosen
        player.read()
        player.close()
        assert names[0], f"{stem} wants {asked.pattern!r}, and nothing matches"
        chosen.add(SHIPPED_FOLDER / names[0])
    for path in chosen:
        recipe = read_recipe(path)
        assert recipe, path.name
        assert set(parse_scale(recipe.scale) or ()) <= set(scale), path.name
        assert heard_share(path, scale) > IN_SCALE, path.name
    assert len(chosen) >= 2


def test_they_are_few_and_light_and_of_every_style_and_two_eras() -> None:
    recipes = [read_recipe(path) for path in FILES]
    assert all(recipes)
    assert {recipe.style for recipe in recipes if recipe} == set(load_network("air").sizes.styles)
    assert {recipe.era for recipe in recipes if recipe} >= {"early", "late"}
    assert sum(path.stat().st_size for path in SHIPPED_FOLDER.iterdir()) < MOST_MB * 1e6
    assert all(30 <= soundfile.info(path).duration <= 45 for path in FILES)


def test_each_names_the_weights_it_was_drawn_from() -> None:
    hashes = {era: load_network("air", era).hash for era in eras_of("air")}
    for path in FILES:
        recipe = read_recipe(path)
        assert recipe
        assert hashes[recipe.era] == recipe.weights_hash, f"{path.name} is of other weights; draw it again"


def _powers() -> str:
    """numpy's powers of float32, on which a drawing depends: their last bit is the processor's."""
    powers = np.float32(10.0) ** np.linspace(-3.0, 0.0, 9_999, dtype=np.float32)
    return hashlib.sha256(powers.tobytes()).hexdigest()[:16]


@pytest.mark.skipif(_powers() != POWERS, reason="these were drawn on a processor with other powers of float32")
def test_a_recipe_makes_the_sound_again() -> None:
    """Its beginning: how long a drawing goes on changes but the still filter towards its style. Opus loses a little."""
    path = next(path for path in FILES if path.name.startswith("pads"))
    recipe = read_recipe(path)
    assert recipe
    draw = TextureDraw(
        load_network(recipe.network, recipe.era),
        recipe.style,
        recipe.streams,
        1.5,
        recipe.seed,
        parse_scale(recipe.scale),
        SamplingPreset(**{field.name: getattr(recipe, field.name) for field in fields(SamplingPreset)}),
    )
    again = draw_all(draw)[recipe.stream]
    shipped, _ = soundfile.read(path, dtype="float32")
    middle = slice(RATE_HZ // 4, -RATE_HZ // 4)  # what comes after the end would ring into it
    assert np.corrcoef(again[middle], shipped[: len(again)][middle])[0, 1] > 0.8
