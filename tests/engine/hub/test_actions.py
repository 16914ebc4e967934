"""What hands do: choose, blend, store, compare, undo, and the rules between them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from engine.errors import ControlError
from engine.files.paths import MOODS_FOLDER
from engine.hub.actions import Actions, Change
from engine.hub.state import ControlState
from engine.parameters.addresses import find, values_of
from engine.parameters.mood_store import MoodStore
from engine.parameters.moods import load_mood


class Hands:
    """Actions over copies of three moods, and a clock."""

    def __init__(self, folder: Path) -> None:
        for name in ("airport", "night", "rhodes"):
            shutil.copy(MOODS_FOLDER / f"{name}.yaml", folder)
        self.store = MoodStore(folder)
        self.now_s = 0.0
        self.state = ControlState.of_mood("night", self.store.load("night"), seed=1)
        self.actions = Actions(self.state, self.store, lambda: self.now_s)

    def do(self, path: str, *arguments: object, after_s: float = 5.0) -> Change:
        self.now_s += after_s
        row = find(path)
        return self.actions.act(row, row.parse(arguments))

    def value(self, path: str) -> object:
        return self.state.values[path]


@pytest.fixture
def hands(tmp_path: Path) -> Hands:
    return Hands(tmp_path)


def test_a_value_by_hand_is_immediate_and_marks_the_mood_as_changed(hands: Hands) -> None:
    assert not hands.actions.is_changed
    change = hands.do("/layer/cello/pan", 0.5)
    assert (change.values, change.glide_s, change.begins_mood) == ({"/layer/cello/pan": 0.5}, None, False)
    assert hands.actions.is_changed


def test_a_mood_glides_in_and_says_what_it_changes(hands: Hands) -> None:
    hands.do("/mood/morph_s", 20.0)
    change = hands.do("/mood", "airport")
    assert (change.glide_s, change.begins_mood) == (20.0, True)
    assert change.values["/mood"] == "airport"
    assert all(hands.value(path) == value for path, value in change.values.items())
    assert hands.state.sound == values_of(load_mood("airport"))
    with pytest.raises(ControlError, match="/mood stays airport: no mood is called 'nigth'"):
        hands.do("/mood", "nigth")


def test_the_pad_blends_up_to_four_moods(hands: Hands) -> None:
    with pytest.raises(ControlError, match="no corner of the pad has a mood yet"):
        hands.do("/pad/x", 0.1)
    with pytest.raises(ControlError, match="no mood is called"):
        hands.do("/pad/corner_1", "nothing")
    hands.do("/pad/corner_1", "airport")
    hands.do("/pad/corner_4", "rhodes")
    assert hands.state.sound == values_of(load_mood("night")), "giving a corner its mood is not heard"
    hands.do("/pad/y", 0.0)
    change = hands.do("/pad/x", 0.0)
    assert change.glide_s == 1.0
    assert not change.begins_mood, "phrases end where they end while the point wanders"
    assert hands.state.sound == values_of(load_mood("airport"))
    hands.do("/pad/x", 1.0)
    hands.do("/pad/y", 1.0)
    assert (hands.state.mood, hands.state.sound) == ("rhodes", values_of(load_mood("rhodes")))
    hands.do("/pad/x", 0.5)
    hands.do("/pad/y", 0.5)
    one, other = load_mood("airport").effects.reverb_s, load_mood("rhodes").effects.reverb_s
    assert hands.value("/effects/reverb_s") == pytest.approx((one * other) ** 0.5, rel=1e-4)


def test_undo_takes_back_gestures_one_by_one(hands: Hands) -> None:
    pan = hands.value("/layer/cello/pan")
    hands.do("/stem/bells/level_db", -10.0)
    for step in range(20):
        hands.do("/layer/cello/pan", step / 20, after_s=0.1 if step else 5.0)
    hands.do("/mood", "airport")
    change = hands.do("/undo")
    assert (change.begins_mood, change.values["/mood"]) == (True, "night")
    assert hands.value("/layer/cello/pan") == 0.95
    change = hands.do("/undo")
    assert (dict(change.values), change.begins_mood) == ({"/layer/cello/pan": pan}, False)
    assert hands.do("/undo").values == {"/stem/bells/level_db": 0.0}
    with pytest.raises(ControlError, match="nothing left to take back"):
        hands.do("/undo")


def test_undo_leaves_the_seed_alone(hands: Hands) -> None:
    hands.do("/layer/cello/pan", 0.5)
    hands.do("/seed", 77)
    hands.do("/undo")
    assert hands.state.seed == 77


def test_the_stored_mood_can_be_listened_to_and_left_again(hands: Hands) -> None:
    hands.do("/layer/cello/pan", 0.5)
    stored = load_mood("night").layer.cello.pan
    change = hands.do("/mood/compare", 1)
    assert dict(change.values) == {"/layer/cello/pan": stored, "/mood/compare": 1}
    assert hands.actions.is_changed, "what is shaped still differs"
    assert hands.do("/mood/compare", 1).values == {"/mood/compare": 1}
    assert hands.do("/mood/compare", 0).values == {"/layer/cello/pan": 0.5, "/mood/compare": 0}
    hands.do("/mood/compare", 1)
    assert hands.do("/layer/bells/pan", 0.1).values == {"/layer/bells/pan": 0.1, "/mood/compare": 0}
    assert hands.value("/layer/cello/pan") == stored, "who turns a knob goes on from what is heard"
    hands.do("/undo")
    hands.do("/undo")
    assert hands.value("/layer/cello/pan") == 0.5


def test_storing_keeps_what_is_shaped_even_while_comparing(hands: Hands) -> None:
    hands.do("/layer/cello/pan", 0.5)
    hands.do("/mood/compare", 1)
    change = hands.do("/mood/store", "late_night")
    assert change.values == {"/mood": "late_night", "/mood/compare": 0, "/layer/cello/pan": 0.5}
    saved = hands.store.load("late_night")
    assert (saved.title, saved.about, saved.layer.cello.pan) == ("Late night", "Shaped from night.", 0.5)
    assert not hands.actions.is_changed


def test_overwriting_keeps_the_title_and_can_be_reverted(hands: Hands) -> None:
    before = hands.store.load("night")
    hands.do("/layer/cello/pan", 0.5)
    with pytest.raises(ControlError, match="exists already"):
        hands.do("/mood/store", "night")
    hands.do("/mood/overwrite", "night")
    after = hands.store.load("night")
    assert (after.title, after.about, after.colour) == (before.title, before.about, before.colour)
    assert after.layer.cello.pan == 0.5
    assert hands.do("/mood/revert", "night").values == {}
    assert hands.store.load("night") == before
    assert hands.value("/layer/cello/pan") == 0.5, "the room is left alone"


def test_an_edited_file_changes_only_what_was_edited(hands: Hands, tmp_path: Path) -> None:
    hands.do("/layer/bells/pan", -0.9)
    text = (tmp_path / "night.yaml").read_text()
    (tmp_path / "night.yaml").write_text(text.replace("reverb_s: 8", "reverb_s: 3"))
    hands.actions.look()
    change, complaints = hands.actions.look()
    assert (dict(change.values), change.glide_s, complaints) == ({"/effects/reverb_s": 3.0}, 8.0, [])
    assert hands.value("/layer/bells/pan") == -0.9
    hands.do("/undo")
    assert hands.value("/effects/reverb_s") == 8.0
