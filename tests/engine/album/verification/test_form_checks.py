"""What verification says of form and mix: passes what has it, refuses what has not."""

from __future__ import annotations

from dataclasses import replace

from engine.album.measurement.form import Ending, Form, HeardStretch, PlannedStretch
from engine.album.plan.sheet import FormWishes, Track
from engine.album.verification.form_checks import (
    form_checks,
    growl_check,
    planned_stretches,
    recognition_check,
    theme_checks,
)
from engine.music.notes import Note
from engine.music.scale import Scale
from engine.parameters.sound import ScaleSettings
from models.performers.quotation.quotation import Quotations
from tests.engine.album.measurement.test_theme_returns import TUNE, moved
from tests.engine.phrases import wandering

D_MAJOR = Scale.from_settings(ScaleSettings(root="D", mode="major"))
WISHES = FormWishes(loudness_range_lu=8, pauses=1, prepared_ending=True, follows_plan=True)
STRETCHES = tuple(
    HeardStretch(PlannedStretch(name, 0.0, 1.0, level, density, register), level - 20.0, density, register)
    for name, level, density, register in (("a", -9.0, 1.0, 60.0), ("b", 0.0, 3.0, 72.0), ("c", -4.0, 2.0, 66.0))
)
GOOD = Form(9.0, STRETCHES, ((100.0, 102.0),), Ending(0.6, 0.8, 4.0, 38))


def verdicts(form: Form) -> list[bool | None]:
    return [check.passed for check in form_checks(1, WISHES, form, D_MAJOR)]


def test_a_track_with_form_passes_and_each_thing_missing_is_told() -> None:
    assert verdicts(GOOD) == [True] * 6
    assert verdicts(replace(GOOD, range_lu=3.0))[0] is False
    assert verdicts(replace(GOOD, pauses=()))[1] is False
    for ending in (Ending(1.1, 0.8, 4.0, 38), Ending(0.6, 0.8, 0.0, 38), Ending(0.6, 0.8, 4.0, 40)):
        assert verdicts(replace(GOOD, ending=ending))[2] is False
    assert verdicts(replace(GOOD, ending=None))[2] is None
    contrary = tuple(replace(s, lufs=-40.0 - s.lufs, register=-s.register) for s in STRETCHES)
    assert verdicts(replace(GOOD, stretches=contrary))[3:] == [False, True, False]
    assert list(form_checks(1, FormWishes(), GOOD, D_MAJOR)) == [], "nothing is asked where nothing is said"


def test_a_theme_is_looked_for_and_its_last_return_is_to_be_another() -> None:
    wishes = FormWishes(theme_within_s=20, returns=2)
    piano = sorted([*moved(3.0), *moved(20.0, 12), *moved(40.0, 0, 1.28)])
    assert [check.passed for check in theme_checks(1, wishes, {"air": TUNE}, piano)] == [True, True, True]
    late = sorted([*moved(30.0), *moved(50.0)])
    assert [check.passed for check in theme_checks(1, wishes, {"air": TUNE}, late)] == [False, False, False]
    assert [check.passed for check in theme_checks(1, wishes, {"air": TUNE}, [])] == [False, False, False]


def test_a_book_is_recognised_in_its_own_passages_and_not_in_strange_ones() -> None:
    book = [wandering(seed, 3.0, 40.0) for seed in range(3)]
    strange = [wandering(seed, 3.0, 40.0) for seed in range(50, 53)]
    index = Quotations.of(book)
    assert recognition_check(4, index, book, strange).passed is True
    assert recognition_check(4, index, strange, strange).passed is False
    assert recognition_check(4, index, book, book).passed is False, "whoever plays it"
    assert "in 100% of 3 phrases" in recognition_check(4, index, book, strange).figure


def test_a_minute_of_growling_is_told() -> None:
    low = [Note(float(n), 40, 0.5, 60) for n in range(90)]
    assert growl_check(1, low, 100.0).passed is False
    assert growl_check(1, [replace(n, pitch=70) for n in low], 100.0).passed is True


def test_what_sections_planned_is_read_from_the_sheet_and_where_they_are_from_the_recipe() -> None:
    track = Track.model_validate(
        {
            "title": "x",
            "performer": {"density_notes_per_s": 2},
            "sections": [
                {"name": "a", "length": 10, "level_db": -6, "register_pitch": 70},
                {"name": "b", "length": 5, "rest": True},
                {"name": "c", "length": 5, "performer": {"density_notes_per_s": 3}},
            ],
        }
    )
    entry = {"sections": [{"start_s": s, "end_s": s + 5} for s in (0, 10, 15)]}
    first, pause, last = planned_stretches(track, entry)
    assert (first.level_db, first.density_notes_per_s, first.register) == (-6.0, 2.0, 70.0)
    assert (pause.density_notes_per_s, pause.register) == (0.0, None)
    assert (last.density_notes_per_s, last.start_s) == (3.0, 15.0)
