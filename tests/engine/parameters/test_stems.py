"""The list of stems: what is wrong in it is named with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import StemError
from engine.files.paths import STEMS_FILE
from engine.parameters.effects import effects
from engine.parameters.stems import LAYERS, RETURNS, STEM_TABLE, STEMS, TEXTURES, VOICES, read_stems

GOOD = STEMS_FILE.read_text("utf-8")


def test_stems_are_layers_then_returns_and_each_return_has_an_effect() -> None:
    assert (*LAYERS, *RETURNS) == STEMS
    assert {*VOICES, *TEXTURES, "reverse"} == set(LAYERS)
    assert set(RETURNS) == {name for name, effect in effects().items() if effect.kind == "return"}
    assert STEM_TABLE["cello"].layer == {"level_db": -18.0, "reverb": 0.4, "pan": -0.3}


def test_a_voice_more_is_a_line_more(tmp_path: Path) -> None:
    path = tmp_path / "stems.txt"
    path.write_text(GOOD.replace("drums voice", "harp voice doubles=cello\ndrums voice"), "utf-8")
    assert [name for name in read_stems(path) if name not in STEMS] == ["harp"]


@pytest.mark.parametrize(
    ("right", "wrong", "says"),
    [
        ("cello voice", "Cello voice", "line 3.*Cello"),
        ("cello voice", "piano voice", "line 3.*no new name"),
        ("cello voice", "cello void", "kind.*line 3"),
        ("density=0.7", "density=7", "density.*line 3"),
        ("density=0.7", "density 0.7", "line 3.*key=value"),
        ("drums voice", "harp voice", "harp.doubles is ''"),
        ("drums voice", "harp voice doubles=harp", "harp.doubles is 'harp'"),
        ("piano voice", "mist return\npiano voice", "piano comes after a return"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, right: str, wrong: str, says: str) -> None:
    path = tmp_path / "stems.txt"
    path.write_text(GOOD.replace(right, wrong), "utf-8")
    with pytest.raises(StemError, match=f"(?s)stems.txt.*{says}"):
        read_stems(path)
