"""A long piece of any mood: as long as asked, with a form, textures that cross, and an end."""

from __future__ import annotations

from itertools import pairwise

import pytest

from engine.album.long_piece import mood_plan, mood_sheet
from engine.errors import MoodError
from engine.parameters.moods import list_moods, load_mood


@pytest.mark.parametrize("name", list_moods())
def test_every_mood_makes_a_plan_of_the_length_that_is_asked_for(name: str) -> None:
    for minutes in (0.5, 6.0, 40.0):
        [track] = mood_plan(name, minutes).tracks
        assert track.length_s == pytest.approx(60 * minutes, abs=1.0)
        assert all(clip.end_s <= track.length_s for clip in track.clips)
        assert track.settings.scale == load_mood(name).scale


def test_what_was_new_returns_levels_swell_and_the_end_closes() -> None:
    [track] = mood_plan("night", 40.0).tracks
    sections = [planned.section for planned in track.sections]
    assert sections[2].again == sections[0].name
    assert sections[3].rest
    assert sections[-1].cadence
    levels = [section.level_db for section in sections]
    assert max(levels) - min(levels) > 3.0
    assert max(abs(a.end_s - b.start_s) for a, b in pairwise(track.sections)) < 0.01


def test_textures_follow_each_other_and_what_cannot_be_done_is_said() -> None:
    [track] = mood_plan("night", 20.0).tracks
    own = [clip for clip in track.clips if clip.clip.stem == "texture_1"]
    assert len(own) == 5
    assert all(later.start_s < one.end_s for one, later in pairwise(own)), "they cross"
    assert len({clip.clip.texture for clip in own}) > 1
    _, remarks = mood_sheet(load_mood("night"), 600.0)
    assert any(remark.startswith("texture_2: ") for remark in remarks), "it goes backwards, an octave down"


def test_a_mood_that_is_not_there_is_told_of() -> None:
    with pytest.raises(MoodError, match="nigth"):
        mood_plan("nigth", 10.0)
