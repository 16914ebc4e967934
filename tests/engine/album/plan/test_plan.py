"""What is wrong with a record is said before anything is rendered: file, line, key, what was expected."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.album.plan.plan import load_plan, slug
from engine.errors import RecordError
from tests.engine.album.conftest import SHEET, write_air, write_dance


def plan_of(folder: Path, text: str) -> object:
    write_air(folder / "air.wav")
    write_dance(folder / "dance.mid")
    (folder / "r.yaml").write_text(text, "utf-8")
    return load_plan(folder / "r.yaml")


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("file: air.wav", "file: gone.wav", ["no texture 'gone.wav'", "textures.air.file", "line 15"]),
        ("into_scale: {}", "into_scael: {}", ["unknown key 'into_scael'", "Did you mean 'into_scale'"]),
        ("at: opening + 10", "at: 8", ["'opening' lasts until 10 s; they overlap", "sections.1.at"]),
        ("length: 13", "length: -13", ["-13 s; expected 0 or more", "sections.1.length"]),
        ("length: 13", "length: 4 bras", ["'4 bras' is no length; expected seconds, a bar"]),
        ("[0, -24]", "[0, .nan]", ["expected a number", "automation"]),
        ("[0, -24]", "[0, -240]", ["a number from -60 to 6 dB"]),
        ("[10, -20]", "[0, -20]", ["not after the point before it"]),
        ("/layer/texture_1/level_db", "/layer/texture_1/levle_db", ["Did you mean '/layer/texture_1/level_db'"]),
        ("mode: major", "mode: majr", ["did you mean 'major'", "scale.mode"]),
        ("name: satie, phrase_s: 8", "name: erik", ["no performer 'erik'"]),
        ("stem: texture_2", "stem: texture_9", ["not one of texture_1, texture_2, texture_3"]),
        ("copy: octave_up", "copy: octave_down", ["not one of untouched, halves_swapped, octave_up"]),
        ("continues: track 1 opening", "continues: track 2", ["expected an earlier section"]),
        ("midi: dance.mid", "midi: air.wav", ["not a MIDI file", "sections.1.midi"]),
        ("texture: raw", "texture: row", ["no texture 'row'", "Did you mean 'raw'"]),
        ("layer:\n      texture_1: {", "layer:\n      texture_1: {file: a, ", ["a record places textures"]),
        ("file: air.wav, operations", "style: velvet, operations", ["no network"]),
        ("length: 10}", "length: 10, theme: air}", ["no theme 'air'", "it has none", "sections.0.theme"]),
        ("length: 10}", "length: 10, own_words: true}", ["own words of which theme", "sections.0.own_words"]),
        ("length: 10}", "length: 10, level_db: 9}", ["less than or equal to 6", "sections.0.level_db"]),
        (
            "tail_s: 2\n",
            "tail_s: 2\n    themes: {air: {performer: {name: erik}}}\n",
            ["no performer 'erik'", "themes.air"],
        ),
        ("title: Air\n", "title: Air\n    title: Air\n", ["'title' was already given in line 4"]),
    ],
)
def test_mistakes_are_named_with_their_place(tmp_path: Path, right: str, wrong: str, said: list[str]) -> None:
    assert right in SHEET
    with pytest.raises(RecordError) as error:
        plan_of(tmp_path, SHEET.replace(right, wrong, 1))
    for part in ("r.yaml", *said):
        assert part in str(error.value)


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    text = SHEET.replace("copy: halves_swapped", "take: 3").replace("length: 13", "length: 0")
    with pytest.raises(RecordError) as error:
        plan_of(tmp_path, text)
    assert len(str(error.value).splitlines()) == 2


def test_moments_may_be_bars_seconds_or_sections(tmp_path: Path) -> None:
    text = SHEET.replace("tail_s: 2\n", "tail_s: 2\n    tempo: {bpm: 120, beats_per_bar: 4}\n").replace(
        "length: 10}", "length: 5 bars}"
    )
    plan = load_plan_of(tmp_path, text.replace("at: 2, length: 6", "at: bar 2.3, length: 6"))
    first = plan.tracks[0]
    assert [(s.start_s, s.end_s) for s in first.sections] == [(0.0, 10.0), (10.0, 23.0)]
    assert first.clips[2].start_s == 3.0
    assert first.length_s * 75 == round(first.length_s * 75)


def test_the_level_of_a_section_is_reached_where_it_begins(tmp_path: Path) -> None:
    text = SHEET.replace("length: 10}", "length: 10, level_db: -12}").replace(
        "length: 13,", "length: 13, level_db: 2, glide_s: 4,"
    )
    dynamics = load_plan_of(tmp_path, text).tracks[0].dynamics
    assert dynamics.at(np.array([0.0, 6.0, 8.0, 10.0, 20.0])) == pytest.approx([-12, -12, -5, 2, 2])


def load_plan_of(folder: Path, text: str):  # type: ignore[no-untyped-def]
    plan_of(folder, text)
    return load_plan(folder / "r.yaml")


def test_names_for_files_are_plain() -> None:
    assert slug("Air en ré, « lent »") == "air-en-re-lent"
    assert slug("…") == "untitled"
