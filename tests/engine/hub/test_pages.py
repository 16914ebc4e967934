"""The pages of the surface: every parameter once, and rows that go there and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.hub.pages import PAGES, choices_of, pages, place_of, place_on_pages, text_of, typed, value_at
from engine.parameters.addresses import PAGE_ROWS, ROOM, SOUND
from engine.parameters.moods import list_moods, load_mood
from engine.parameters.stems import STEMS

SHOWN = [row for row in (*SOUND, *ROOM) if row.path in place_on_pages()]


def test_every_parameter_is_on_exactly_one_page() -> None:
    in_sight = tuple(f"/stem/{stem}/{leaf}" for stem in STEMS for leaf in ("level_db", "mute", "solo"))
    wanted = {row.path for row in (*SOUND, *ROOM)} - set(in_sight)
    found = [row.address.path for rows in pages().values() for row in rows if row]
    assert len(found) == len(set(found))
    assert set(found) == wanted
    assert tuple(pages()) == PAGES


@pytest.mark.parametrize("name", PAGES)
def test_each_page_fits_and_its_labels_are_short_and_different(name: str) -> None:
    rows = [row for row in pages()[name] if row]
    assert len(pages()[name]) <= PAGE_ROWS, "give some of its parameters a page of their own in engine/hub/pages.py"
    assert len({row.label for row in rows}) == len(rows)
    assert max(len(row.label) for row in rows) <= 18


@given(st.sampled_from(SHOWN), st.floats(0, 1))
def test_every_place_is_a_value_that_the_table_takes(row: object, place: float) -> None:
    address = row
    value = value_at(address, place)  # type: ignore[arg-type]
    assert address.parse([value]) == value  # type: ignore[attr-defined]
    if address.kind == "float":  # type: ignore[attr-defined]
        assert place_of(address, value) == pytest.approx(place, abs=0.011)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", list_moods())
def test_what_the_moods_choose_can_be_chosen(name: str) -> None:
    mood = load_mood(name)
    for path, value in (("/scale/mode", mood.scale.mode), ("/performer/name", mood.performer.name)):
        address = next(row for row in SOUND if row.path == path)
        assert value in choices_of(address)
        assert value_at(address, place_of(address, value)) == value


def test_values_are_written_and_read_as_people_do() -> None:
    by_path = {row.path: row for row in (*SOUND, *ROOM)}
    level, tempo, mode = by_path["/layer/cello/level_db"], by_path["/performer/tempo"], by_path["/scale/mode"]
    shown = [text_of(level, -12.5), text_of(level, -60.0), text_of(tempo, 1.0)]
    assert shown == ["-12.5\N{NO-BREAK SPACE}dB", "silent", "1"]
    assert text_of(by_path["/layer/cello/lowpass_hz"], 13_333.3) == "13300\N{NO-BREAK SPACE}Hz"
    assert [typed(level, "-12.5 dB"), typed(level, "silent"), typed(tempo, "0,8")] == [-12.5, -60.0, 0.8]
    assert [typed(level, "−3dB"), typed(mode, " dorian ")] == [-3.0, "dorian"]
    assert typed(by_path["/layer/texture_1/file"], "none") == ""
    assert typed(by_path["/room/silent"], "on") == 1.0
    assert typed(tempo, "fast") == "fast"
