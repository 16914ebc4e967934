"""What the page says of addresses in other languages: all that it shows, and nothing that has gone."""

from __future__ import annotations

import json
import re
from typing import Final

import pytest

from engine.hub.oscquery.page_files import page_files
from engine.parameters.addresses import TABLE
from engine.parameters.effects import effects

PAGE: Final = page_files()
[LEFT_OUT] = re.findall(r"LEFT_OUT = /(\S+)/;", PAGE["technician.js"].contents.decode())
SHOWN: Final = {row.about for path, row in TABLE.items() if not re.match(LEFT_OUT.replace(r"\/", "/"), path)}
OF_EFFECTS: Final = {
    parameter.about
    for effect in effects().values()
    for group in (effect.layer, effect.shared)
    for parameter in group.values()
}
"""One that somebody adds is told in English until its words are in these files."""


def test_the_pattern_of_what_is_left_out_is_the_page_s_own() -> None:
    assert "fader of the stem in the room; -60 is silence" in SHOWN
    assert "a row of the page: address (or none), name, range" not in SHOWN


@pytest.mark.parametrize("language", ["de", "fr"])
def test_each_is_told_in_another_language(language: str) -> None:
    told = json.loads(PAGE[f"descriptions.{language}.json"].contents)
    assert set(told) - SHOWN == set(), "these are gone, or said in other words"
    assert SHOWN - set(told) - OF_EFFECTS == set()
    assert len(OF_EFFECTS & set(told)) > 15
    same = {english for english, other in told.items() if english == other}
    assert not same, "these are English still"


@pytest.mark.parametrize("language", ["de", "fr"])
def test_numbers_and_names_stay(language: str) -> None:
    """-60 is silence in each language, and texture_1 is called so."""
    for english, other in json.loads(PAGE[f"descriptions.{language}.json"].contents).items():
        fixed = re.findall(r"-?\b\d+\b|\w+_\w+|[a-z]+/[a-z]+|pads\*|MIDI|Bb|F#", english)
        assert [one for one in fixed if one.removeprefix("-") not in other] == [], other
