"""What a track's voices play: sections filled, takes chosen, phrases that return, continue and end."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from engine.album.measurement.theme_returns import places_of
from engine.album.performance.cadence import CADENCE_S
from engine.album.performance.cutting import LONGEST_PIECE_S, RELEASE_S
from engine.album.performance.music import laid_out, played_from_json, played_to_json
from engine.album.performance.performance import Takes, perform, section_takes
from engine.album.performance.played import Played
from engine.album.plan.plan import PlannedTrack, load_plan
from engine.album.rendering.tasks import performer_of
from engine.music.midi.writing import write_phrase
from engine.music.notes import Note, Phrase, sorted_notes
from engine.music.scale import Scale
from engine.seeding import seed_from
from models.performers.drawing.performer import Conditioning
from tests.engine.album.performance.test_hummability import ARCH
from tests.engine.phrases import wandering

SHEET = """
title: Two
tracks:
  - title: One
    tail_s: 2
    scale: {root: D, mode: major}
    performer: {name: satie, phrase_s: 10, density_notes_per_s: 3}
    sections:
      - {name: opening, length: 30, takes: 3}
      - {name: pause, length: 4, rest: true}
      - {name: return, length: 20, again: opening}
      - {name: close, length: 25, cadence: true}
  - title: Two
    performer: {name: satie, phrase_s: 10}
    sections:
      - {name: after, length: 20, continues: track 1 opening}
      - {name: given, length: 60, midi: long.mid}
"""


class Draws:
    """A performer that wanders, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, Conditioning]] = []

    def draw(self, seed: int, conditioning: Conditioning) -> Phrase:
        self.asked.append((seed, conditioning))
        return wandering(seed, conditioning.density_notes_per_s or 2.0, conditioning.phrase_s)

    def criticise(self, phrase: Phrase) -> float:
        return 0.0


@pytest.fixture
def tracks(tmp_path: Path) -> tuple[PlannedTrack, ...]:
    rows = [Note(0.5 * n + (8.0 if n >= 50 else 0.0), 60 + n % 7, 0.4, 60) for n in range(140)]
    write_phrase(tmp_path / "long.mid", Phrase(tuple(rows)))
    (tmp_path / "two.yaml").write_text(SHEET, "utf-8")
    return load_plan(tmp_path / "two.yaml").tracks


def played(track: PlannedTrack, folder: Path, seed: int = 1, earlier: dict[int, Played] | None = None) -> Played:
    return perform(track, folder, seed, earlier or {}, lambda _: Draws())


def test_sections_are_filled_and_nothing_begins_outside_of_them(
    tracks: tuple[PlannedTrack, ...], tmp_path: Path
) -> None:
    music = played(tracks[0], tmp_path)
    ends_s = {section.name: section.end_s for section in tracks[0].sections}
    assert {item.section for item in music.placed} == {"opening", "return", "close"}, "a rest is silent"
    for item in music.placed:
        for notes in item.score.voices.values():
            assert all(item.start_s + note.onset_s < ends_s[item.section] for note in notes)
            longest_s = ends_s[item.section] + (0.0 if item.phrase.performer != "cadence" else CADENCE_S) + RELEASE_S
            assert all(item.start_s + note.end_s <= longest_s + 1e-6 for note in notes)
    onsets_s = [note.onset_s for note in music.notes("piano")]
    assert max(later - one for one, later in pairwise(onsets_s)) < 12.0
    scale = Scale.from_settings(tracks[0].settings.scale)
    assert all(scale.contains(note.pitch) for note in music.notes("piano"))


def test_the_same_seed_plays_the_same_and_another_another(tracks: tuple[PlannedTrack, ...], tmp_path: Path) -> None:
    assert played(tracks[0], tmp_path) == played(tracks[0], tmp_path)
    assert played(tracks[0], tmp_path).placed != played(tracks[0], tmp_path, seed=2).placed


def test_as_many_takes_are_drawn_as_are_asked_for_and_a_return_draws_none(
    tracks: tuple[PlannedTrack, ...], tmp_path: Path
) -> None:
    one = Draws()
    music = perform(tracks[0], tmp_path, 1, {}, lambda _: one)
    opening = music.section("opening")
    drawn_in_opening = [conditioning for _, conditioning in one.asked[: 3 * len(opening)]]
    assert len({seed for seed, _ in one.asked}) == len(one.asked)
    assert len(drawn_in_opening) == 3 * len(opening)
    closing = [item for item in music.section("close") if item.phrase.performer != "cadence"]
    takes = tracks[0].sections[-1].section.takes
    assert len(one.asked) == 3 * len(opening) + takes * len(closing)
    assert music.section("close")[-1].phrase.performer == "cadence"


def test_who_goes_on_from_another_track_hears_its_end(tracks: tuple[PlannedTrack, ...], tmp_path: Path) -> None:
    first = played(tracks[0], tmp_path)
    one = Draws()
    perform(tracks[1], tmp_path, 1, {1: first}, lambda _: one)
    primer = one.asked[0][1].primer.notes
    last = first.section("opening")[-1]
    piano = [note.pitch for note in last.score.voices["piano"]]
    assert [note.pitch for note in primer][-len(piano) :] == piano
    assert primer[0].onset_s == 0.0


def test_given_music_is_cut_before_its_widest_rest_and_keeps_its_notes(
    tracks: tuple[PlannedTrack, ...], tmp_path: Path
) -> None:
    given = played(tracks[1], tmp_path, earlier={1: played(tracks[0], tmp_path)}).section("given")
    assert len(given) >= 2
    spans_s = [item.phrase.notes[-1].onset_s - item.phrase.notes[0].onset_s for item in given]
    assert max(spans_s) <= LONGEST_PIECE_S
    assert len(given[0].phrase.notes) == 50, "as far as the rest"
    assert [note.pitch for note in given[0].phrase.notes] == [60 + n % 7 for n in range(50)]


THEMED = """
title: Themed
tracks:
  - title: One
    scale: {root: D, mode: major}
    performer: {name: satie, phrase_s: 8, density_notes_per_s: 2, themes: satie_transformer}
    themes: {air: {draws: 6}}
    sections:
      - {name: tune, length: 20, theme: air}
      - {name: again, length: 20, theme: air, changes: [higher, octaves]}
      - {name: said, length: 20, theme: air, own_words: true, register_pitch: 70}
  - title: Two
    scale: {root: B, mode: aeolian}
    performer: {name: satie, phrase_s: 8, density_notes_per_s: 2}
    sections: [{name: memory, length: 20, theme: track 1 air}]
"""


class Sings(Draws):
    """Draws a tune over a bass, another with every seed."""

    def draw(self, seed: int, conditioning: Conditioning) -> Phrase:
        self.asked.append((seed, conditioning))
        shift = seed % 3
        tune = [replace(n, onset_s=n.onset_s + 7.0 * k, pitch=n.pitch + 2 * shift) for k in (0, 1) for n in ARCH]
        return Phrase(sorted_notes([*tune, *(Note(0.75 * n, 50 - 5 * (n % 3) - shift, 0.7, 45) for n in range(18))]))


def test_a_theme_is_stated_returns_and_is_remembered_by_the_next_track(tmp_path: Path) -> None:
    (tmp_path / "themed.yaml").write_text(THEMED, "utf-8")
    one, two = load_plan(tmp_path / "themed.yaml").tracks
    performer = Sings()
    first = perform(one, tmp_path, 1, {}, lambda _: performer)
    assert set(first.takes) == {"theme air", "tune", "again", "said"}
    places = places_of(first.themes["air"].notes, first.notes("piano"))
    starts_s = [one.sections[n].start_s for n in range(3)]
    assert all(any(abs(place.start_s - start_s) < 0.5 for place in places) for start_s in starts_s)
    told = [conditioning for _, conditioning in performer.asked if conditioning.returns is not None]
    assert told, "a performer is asked to bring it back"
    assert all(len(conditioning.primer.notes) > len(first.themes["air"].notes) for conditioning in told)
    second = perform(two, tmp_path, 1, {1: first}, lambda _: Sings())
    assert places_of(first.themes["air"].notes, second.notes("piano"))[0].start_s < 0.5


def test_a_chosen_drawing_that_holds_no_tune_any_more_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "themed.yaml").write_text(THEMED, "utf-8")
    one = load_plan(tmp_path / "themed.yaml").tracks[0]
    chosen = perform(one, tmp_path, 1, {}, lambda _: Sings(), takes=Takes(1, {"theme air": 5}))
    assert chosen.takes["theme air"] == 5
    seed = seed_from(1, 1, "theme", "air", 5) & 0x7FFFFFFF

    class Forgot(Sings):
        def draw(self, seed_of: int, conditioning: Conditioning) -> Phrase:
            return Phrase(()) if seed_of == seed else super().draw(seed_of, conditioning)

    found = perform(one, tmp_path, 1, {}, lambda _: Forgot(), takes=Takes(1, {"theme air": 5}))
    assert found.takes["theme air"] != 5
    assert found.themes["air"].notes


def test_the_best_of_several_takes_is_kept_or_the_one_that_was_chosen(
    tracks: tuple[PlannedTrack, ...], tmp_path: Path
) -> None:
    all_takes = section_takes(tracks[0], tmp_path, 1, {}, lambda _: Draws(), Takes(4), "opening")
    best = max(all_takes, key=lambda take: take.worth)
    kept = perform(tracks[0], tmp_path, 1, {}, lambda _: Draws(), takes=Takes(4))
    assert kept.takes["opening"] == best.take
    worst = min(all_takes, key=lambda take: take.worth)
    chosen = perform(tracks[0], tmp_path, 1, {}, lambda _: Draws(), takes=Takes(4, {"opening": worst.take}))
    assert chosen.takes["opening"] == worst.take != best.take
    assert [p.phrase for p in chosen.section("opening")] == [p.phrase for p in worst.placed]
    assert played(tracks[0], tmp_path).takes["opening"] == 0, "one take is drawn where nobody asks for more"


def test_music_survives_json_to_the_last_digit(tracks: tuple[PlannedTrack, ...], tmp_path: Path) -> None:
    music = played(tracks[0], tmp_path)
    again = played_from_json(played_to_json(music))
    assert [item.start_s for item in again.placed] == [item.start_s for item in music.placed]
    for ours, theirs in zip(music.placed, again.placed, strict=True):
        assert {v: n for v, n in ours.score.voices.items() if n} == {v: n for v, n in theirs.score.voices.items() if n}
        assert ours.score.pedal == theirs.score.pedal
        assert replace(ours.phrase, performer="") == replace(theirs.phrase, performer="")
    with pytest.raises((KeyError, TypeError, ValueError)):
        played_from_json([{"start_s": 0.0}])


def test_outer_levels_have_a_line_each_and_deeper_ones_stay_in_it() -> None:
    text = laid_out({"a": [[1, [2, 3]], [4, []]], "b": {}}, levels=2)
    assert text.splitlines() == ["{", ' "a": [', "  [1, [2, 3]],", "  [4, []]", " ],", ' "b": {}', "}"]


def test_given_midi_is_played_by_hands_and_accompanied_where_that_is_wanted(tmp_path: Path) -> None:
    rows = [Note(0.75 * n, pitch, 0.7, 60) for n in range(30) for pitch in (67 + n % 5, 74 + n % 7)]
    write_phrase(tmp_path / "written.mid", Phrase(tuple(rows)))
    sheet = """
title: Given
tracks:
  - title: One
    tail_s: 2
    performer: {name: rolls_transformer}
    sections:
      - {name: hands, length: 25, midi: written.mid}
      - {name: machine, length: 25, midi: written.mid, humanised: false}
      - {name: company, length: 25, midi: written.mid, accompanied: true}
"""
    (tmp_path / "given.yaml").write_text(sheet, "utf-8")
    [track] = load_plan(tmp_path / "given.yaml").tracks
    music = perform(track, tmp_path, 1, {}, performer_of)
    hands, machine, company = (music.section(name)[0].phrase for name in ("hands", "machine", "company"))
    assert len({round(n.onset_s % 0.75, 3) for n in hands.notes}) > 8
    assert len({round(n.onset_s % 0.75, 2) % 0.75 for n in machine.notes}) == 1
    assert len({n.velocity for n in hands.notes}) > len({n.velocity for n in machine.notes})
    assert len(company.notes) > len(machine.notes) + 10
    assert min(n.pitch for n in company.notes) < 60
