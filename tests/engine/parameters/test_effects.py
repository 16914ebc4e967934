"""Effects: what a file in the folder of effects declares is everywhere, and what is wrong in it is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import EffectError
from engine.files.paths import EFFECTS_FOLDER
from engine.hub.pages import place_on_pages
from engine.parameters.address_table import markdown_table
from engine.parameters.addresses import TABLE
from engine.parameters.effects import Effect, effects, read_effects
from engine.parameters.glide import GLIDING
from engine.parameters.moods import parse_mood
from engine.parameters.stems import LAYERS, RETURNS

GOOD = """\
about: Something.
kind: insert
page: colour
layer:
  fuzz: {low: 0.0, high: 1.0, default: 0.0, unit: ratio, about: how fuzzy}
"""


@pytest.mark.parametrize(("name", "effect"), effects().items())
def test_an_effect_is_in_moods_osc_glides_pages_and_documentation(name: str, effect: Effect) -> None:
    paths = {f"/layer/{layer}/{parameter}": own for parameter, own in effect.layer.items() for layer in LAYERS}
    paths |= {f"/effects/{parameter}": own for parameter, own in effect.shared.items()}
    table, places = markdown_table(), place_on_pages()
    for path, own in paths.items():
        row = TABLE[path]
        assert (row.low, row.high, row.unit, row.curve, row.about) == (
            own.low,
            own.high,
            own.unit,
            own.curve,
            own.about,
        )
        assert path in GLIDING
        assert places[path][0] == effect.page
        *_, leaf = path.split("/")
        assert f"/{leaf}` | f |" in table
        section = path.strip("/").split("/")[:-1]
        text = "title: Test\n" + "".join(f"{'  ' * n}{key}:\n" for n, key in enumerate(section))
        mood = parse_mood(f"{text}{'  ' * len(section)}{leaf}: {own.high}\n", Path("test.yaml"))
        holder = mood
        for key in section:
            holder = getattr(holder, key)
        assert getattr(holder, leaf) == own.high


def test_returns_are_stems_and_each_has_a_file() -> None:
    assert tuple(name for name, effect in effects().items() if effect.kind == "return") == RETURNS
    assert set(effects()) == {path.stem for path in EFFECTS_FOLDER.glob("*.py")} - {"__init__"}


def test_a_new_file_is_a_new_effect_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "fuzz.yaml").write_text(GOOD)
    (tmp_path / "squash.yaml").write_text(GOOD.replace("fuzz", "squash") + "place: -1\n")
    assert list(read_effects(tmp_path)) == ["squash", "fuzz"]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("high: 1.0", "hihg: 1.0", "hihg"),
        ("default: 0.0", "default: 2.0", "default 2 must lie"),
        ("unit: ratio,", "unit: ratio, curve: log,", "log curve needs a low above 0"),
        ("kind: insert", "kind: spring", "kind"),
        ("kind: insert", "kind: return", "a return is a stem"),
        ("fuzz:", "Fuzz-Box:", "small letters"),
        ("page: colour", "page: Two words", "page"),
    ],
)
def test_what_is_wrong_is_named_with_its_file(tmp_path: Path, old: str, new: str, says: str) -> None:
    (tmp_path / "fuzz.yaml").write_text(GOOD.replace(old, new))
    with pytest.raises(EffectError, match=says) as caught:
        read_effects(tmp_path)
    assert "fuzz.yaml" in str(caught.value)


def test_two_effects_with_one_parameter_are_told(tmp_path: Path) -> None:
    for name in ("fuzz", "other"):
        (tmp_path / f"{name}.yaml").write_text(GOOD)
    with pytest.raises(EffectError, match="a parameter of the effect 'fuzz' already"):
        read_effects(tmp_path)
