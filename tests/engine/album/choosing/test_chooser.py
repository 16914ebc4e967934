"""Takes to choose among, and the choices that are kept."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import soundfile

from engine.album.choosing.choices import Choices, choices_file, chosen_for, read_choices, write_choices
from engine.album.choosing.chooser import Chooser
from engine.album.performance.performance import Takes, perform
from engine.album.plan.plan import load_plan
from engine.errors import RecordError
from tests.engine.album.performance.test_performance import Draws

SHEET = """
title: Two
tracks:
  - title: One
    performer: {name: satie, phrase_s: 8, density_notes_per_s: 3}
    sections:
      - {name: opening, length: 10}
      - {name: pause, length: 2, rest: true}
      - {name: after, length: 10, continues: opening}
  - title: Two
    performer: {name: satie, phrase_s: 8}
    sections: [{name: memory, length: 8, continues: track 1 opening}]
"""


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    (tmp_path / "two.yaml").write_text(SHEET, "utf-8")
    return tmp_path / "two.yaml"


@pytest.fixture
def chooser(sheet: Path) -> Chooser:
    return Chooser(load_plan(sheet), sheet, 7, 3, lambda _: Draws(), None)


def test_takes_are_offered_the_best_is_marked_and_a_choice_is_kept(chooser: Chooser, sheet: Path) -> None:
    offers = chooser.offers(1, "opening")
    assert [offer.take for offer in offers] == [0, 1, 2]
    assert [offer.best for offer in offers] == [offer.chosen for offer in offers]
    best = max(offers, key=lambda offer: offer.worth)
    assert best.best
    other = next(offer.take for offer in offers if not offer.best)
    chooser.choose(1, "opening", other)
    assert [offer.take for offer in chooser.offers(1, "opening") if offer.chosen] == [other]
    kept = read_choices(sheet)
    assert kept == Choices(seed=7, tracks={1: {"opening": other}})
    played = perform(load_plan(sheet).tracks[0], sheet.parent, 7, {}, lambda _: Draws(), takes=Takes(3, kept.tracks[1]))
    assert played.takes["opening"] == other


def test_the_take_that_is_kept_is_offered_however_few_are_asked_for(sheet: Path) -> None:
    write_choices(choices_file(sheet), Choices(seed=7, tracks={1: {"opening": 4}}))
    chooser = Chooser(load_plan(sheet), sheet, 7, 2, lambda _: Draws(), None)
    assert [offer.chosen for offer in chooser.offers(1, "opening")] == [False] * 4 + [True]
    assert [offer.take for offer in chooser.offers(1, "after")] == [0, 1]
    chooser.choose(1, "opening", 1)
    assert [offer.chosen for offer in chooser.offers(1, "opening")] == [False, True]


def test_what_comes_later_hears_what_was_chosen_before(chooser: Chooser) -> None:
    asked = Draws()
    chooser._performer_of = lambda _: asked
    chooser.offers(2, "memory")
    before = asked.asked[-1][1].primer
    chooser.choose(1, "opening", next(o.take for o in chooser.offers(1, "opening") if not o.best))
    chooser.offers(2, "memory")
    assert asked.asked[-1][1].primer != before


def test_a_take_can_be_listened_to(chooser: Chooser) -> None:
    sound = soundfile.SoundFile(io.BytesIO(chooser.sound(1, "opening", 1)))
    assert sound.frames / sound.samplerate > 8.0
    assert abs(sound.read()).max() > 0.01


def test_what_is_not_there_is_said(chooser: Chooser) -> None:
    with pytest.raises(RecordError, match="no section 'close'; there are: opening, pause, after"):
        chooser.offers(1, "close")
    with pytest.raises(RecordError, match="track 9"):
        chooser.choose(9, "opening", 0)
    with pytest.raises(RecordError, match="no take 3; there are 0 to 2"):
        chooser.choose(1, "opening", 3)


def test_choices_of_another_seed_do_not_count_and_a_bad_file_is_told_of(sheet: Path) -> None:
    write_choices(choices_file(sheet), Choices(seed=7, tracks={1: {"opening": 2}}))
    assert chosen_for(read_choices(sheet), 7) == {1: {"opening": 2}}
    assert chosen_for(read_choices(sheet), 8) == {}
    assert chosen_for(None, 8) == {}
    choices_file(sheet).write_text("seed: 7\ntracks: {1: {opening: loud}}\n", "utf-8")
    with pytest.raises(RecordError, match=r"two\.choices\.yaml.*opening"):
        read_choices(sheet)
