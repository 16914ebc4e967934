"""What a studio leaves in the journal comes back as it was, to the last bit."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from engine.parameters.moods import load_mood
from engine.renderer.snapshot import StudioSnapshot, source_from_json, source_to_json
from tests.engine.renderer.test_studio import open_studio, steps
from tests.engine.sounds import write_tone


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> StudioSnapshot:
    """In the middle of a glide, with a texture that plays."""
    folder = tmp_path_factory.mktemp("textures")
    write_tone(folder / "pads-a.wav")
    mood = load_mood("gymnopedie").model_copy(deep=True)
    mood.layer.texture_1.file = "pads*"
    studio = open_studio(mood, soundfont=None, textures=[folder])
    steps(studio, 4.0)
    studio.change_mood(load_mood("vexations"), 5.0)
    steps(studio, 1.0)
    found = studio.state
    studio.close()
    return found


def test_it_survives_json_to_the_last_bit(snapshot: StudioSnapshot) -> None:
    assert snapshot.frame > 4 * 48_000
    assert snapshot.textures["texture_1"], "one plays"
    assert any(moving[3] > 0.0 for moving in snapshot.journeys.values()), "something glides"
    again = StudioSnapshot.from_json(json.loads(json.dumps(snapshot.to_json())))
    assert replace(again, scheduled=()) == replace(snapshot, scheduled=())
    assert again.to_json() == snapshot.to_json(), "scores have their own test"


@pytest.mark.parametrize("key", ["frame", "journeys", "textures", "scheduled", "roots"])
def test_what_is_no_snapshot_is_refused(snapshot: StudioSnapshot, key: str) -> None:
    contents = snapshot.to_json()
    with pytest.raises((KeyError, TypeError, ValueError)):
        StudioSnapshot.from_json({name: value for name, value in contents.items() if name != key})
    with pytest.raises((KeyError, TypeError, ValueError, AttributeError)):
        StudioSnapshot.from_json({**contents, key: "nonsense"})


def test_a_source_is_a_file_with_what_is_done_to_it(snapshot: StudioSnapshot) -> None:
    source = snapshot.textures["texture_1"][0].source
    again = source_from_json(json.loads(json.dumps(source_to_json(source))))
    assert again == source
    assert isinstance(again.path, Path)
    assert isinstance(again.treatment.scale, tuple)
