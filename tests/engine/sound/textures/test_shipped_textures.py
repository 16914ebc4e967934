"""The textures that come along: enough for every mood, and in its scale."""

from __future__ import annotations

from pathlib import Path

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
from models.textures.network_file import load_network

FILES = textures_in([SHIPPED_FOLDER])
MOST_MB = 8.0
IN_SCALE = 0.85


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
