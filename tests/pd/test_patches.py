"""Every patch opens without a complaint, is laid out to be read, and every abstraction has a help patch that works."""

from __future__ import annotations

import subprocess
from itertools import combinations
from pathlib import Path

import pytest

from engine.files.paths import PATCHES_FOLDER, STEMS_FILE
from engine.parameters.stems import STEMS
from engine.reels.format import REEL_FRAMES, TAIL_FRAMES
from engine.room.pd_process import LIBRARY_FOLDER, ROOM_FOLDER, STEREO, SURFACE, find_pd
from engine.room.presets import list_rooms, load_room, outlet_of
from tests.pd.batch import HERE
from tests.pd.patch_file import Box, Canvas, read_patch

PATCHES = sorted(PATCHES_FOLDER.rglob("*.pd"))
OVERVIEW = PATCHES_FOLDER / "OVERVIEW.pd"
SURFACE_FOLDER = PATCHES_FOLDER / "surface"
FOLDERS = (LIBRARY_FOLDER, ROOM_FOLDER, SURFACE_FOLDER)
ABSTRACTIONS = [
    path for path in PATCHES if path.parent in FOLDERS and path != STEREO and not path.stem.endswith("-help")
]
OVER = ("ui-hands", "ui-banner")
"""A window of its own, and what is shown while no engine answers, in the place of what an engine says."""
MOST_BOXES = 36
"""Of one canvas, comments and widgets aside. Most have 25 or fewer; regular rows of eight or ten may have more."""


def visible_as_widget(box: Box) -> bool:
    return box.is_gui or (box.kind == "obj" and box.text.startswith("ui-"))


def upward_cords(canvas: Canvas) -> list[tuple[str, str]]:
    """Cords that go up or sideways; those back into a cold inlet are how Pd keeps a state and may."""
    found = []
    for one, _, other, inlet in canvas.cords:
        above, below = canvas.boxes[one], canvas.boxes[other]
        if below.y <= above.y and inlet == 0:
            found.append((above.text, below.text))
    return found


@pytest.mark.parametrize("path", [*PATCHES, *sorted(HERE.glob("*.pd"))], ids=lambda path: path.name)
def test_laid_out_to_be_read(path: Path) -> None:
    for canvas in read_patch(path):
        boxes = [box for box in canvas.boxes if not visible_as_widget(box)]
        assert not upward_cords(canvas), canvas.name
        if path.name != "surface.pd" or canvas.name != path.name:  # there the wires are under the paper
            overlapping = [(a.text, b.text) for a, b in combinations(boxes, 2) if a.overlaps(b)]
            assert not overlapping, canvas.name
        counted = [box for box in boxes if box.kind != "text" and not box.text.startswith("declare")]
        assert len(counted) <= MOST_BOXES, canvas.name


@pytest.mark.parametrize("path", PATCHES, ids=lambda path: path.name)
def test_no_window_cuts_anything_off(path: Path) -> None:
    for canvas in read_patch(path):
        boxes = [box for box in canvas.boxes if not visible_as_widget(box)]
        outside = [b.text for b in boxes if b.x + b.width > canvas.width or b.y + b.height > canvas.height]
        assert not outside, canvas.name


def test_there_is_a_comment_for_every_four_boxes() -> None:
    boxes = [box for path in PATCHES for canvas in read_patch(path) for box in canvas.boxes]
    comments = [box for box in boxes if box.kind == "text"]
    others = [box for box in boxes if box.kind != "text" and not visible_as_widget(box)]
    assert len(others) > 2_000
    assert len(comments) >= len(others) / 4


@pytest.mark.parametrize("name", [name for name in list_rooms() if load_room(name).loudspeakers])
def test_what_is_written_for_a_room_is_laid_out_too(name: str, tmp_path: Path) -> None:
    for canvas in read_patch(outlet_of(load_room(name), tmp_path).patch):
        assert not upward_cords(canvas), canvas.name
        assert not [(a.text, b.text) for a, b in combinations(canvas.boxes, 2) if a.overlaps(b)], canvas.name


@pytest.mark.parametrize("path", ABSTRACTIONS, ids=lambda path: path.name)
def test_every_abstraction_has_a_help_patch_that_uses_it(path: Path) -> None:
    helped = path.with_name(f"{path.stem}-help.pd")
    boxes = [box for canvas in read_patch(helped) for box in canvas.boxes]
    assert any(box.kind == "obj" and box.text.split(" ")[0] == path.stem for box in boxes)
    assert any(box.kind == "text" for box in boxes)


NO_COMPLAINT = ("room-to-hub: ", "realloc called with ")
"""The second is what Pd 0.55 prints of every long `expr`: a line for its makers that was left in."""


def test_all_open_without_complaint() -> None:
    """The two patches and all help patches, which use every abstraction, in one Pd without a window."""
    opened = [path for path in PATCHES if path not in ABSTRACTIONS]
    command = [str(find_pd()), "-nogui", "-nosound", "-noprefs", "-nrt", "-send", "pd quit", *map(str, opened)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0
    complaints = [line for line in (done.stdout + done.stderr).splitlines() if not line.startswith(NO_COMPLAINT)]
    assert not complaints


def _patch_of(box: Box) -> str:
    return (SURFACE_FOLDER / f"{box.text.split(' ')[0]}.pd").read_text()


def on_paper(box: Box) -> Box:
    """An abstraction as large as it shows on the patch that uses it (`#X coords`)."""
    patch = _patch_of(box)
    width, height = patch[patch.rindex("#X coords") :].split(" ")[6:8]
    return Box(box.kind, box.x, box.y, box.text, float(width), float(height))


def test_nothing_on_the_surface_lies_on_something_else() -> None:
    surface = read_patch(SURFACE)[-1]
    shown = [on_paper(box) for box in surface.boxes if box.text.startswith("ui-") and box.text not in OVER]
    kept = next(box for box in surface.boxes if "$0-kept" in box.text)
    boxes = [*shown, Box("obj", kept.x, kept.y, "what is kept", 790, 16)]
    assert len(shown) > 50
    assert not [(a.text, b.text) for a, b in combinations(boxes, 2) if a.overlaps(b)]
    assert max(box.x + box.width for box in boxes) <= 1240
    assert max(box.y + box.height for box in boxes) <= 700


def test_no_box_under_the_paper_takes_the_clicks_of_a_widget() -> None:
    """Pd gives a click to the first box there, even if it is not seen: a canvas would open instead."""
    surface = read_patch(SURFACE)[-1]
    widgets = [on_paper(box) for box in surface.boxes if box.text.startswith("ui-") and box.text not in OVER]
    hidden = [box for box in surface.boxes if box.kind == "restore" or box.text.startswith(("declare", "ui-hands"))]
    assert len(hidden) > 8
    assert not [(a.text, b.text) for a in hidden for b in widgets if a.overlaps(b)]


@pytest.mark.parametrize("path", sorted(SURFACE_FOLDER.glob("ui-*-help.pd")), ids=lambda path: path.name)
def test_what_a_help_patch_shows_is_on_its_window_and_hides_nothing(path: Path) -> None:
    boxes = [box for box in read_patch(path)[-1].boxes if not box.text.startswith("cnv")]
    shown = [box for box in boxes if box.text.startswith("ui-") and "#X coords" in _patch_of(box)]
    height = int(path.read_text().split(" ")[5])
    for paper in map(on_paper, shown):
        assert paper.y + paper.height <= height
        assert not [box.text for box in boxes if box.text != paper.text and box.overlaps(paper)]


def test_nothing_lies_beside_the_three_folders_but_what_a_person_opens() -> None:
    top = [path.stem for path in PATCHES if path.parent == PATCHES_FOLDER]
    assert set(top) == {"OVERVIEW", "insert-template", "room", "room-test", "surface"}
    assert {path.parent for path in PATCHES} == {PATCHES_FOLDER, *FOLDERS}


def test_the_overview_opens_the_help_of_every_abstraction() -> None:
    rows = [(box, canvas) for canvas in read_patch(OVERVIEW) for box in canvas.boxes if box.text.endswith(".pd")]
    opened = {PATCHES_FOLDER / box.text.replace(" ", "/") for box, _ in rows}
    assert opened == {path.with_name(f"{path.stem}-help.pd") for path in ABSTRACTIONS} | {STEREO}
    for row, canvas in rows:
        assert any(box.kind == "text" and box.y == row.y and len(box.text) > 10 for box in canvas.boxes), row.text


def test_the_one_list_of_stems_is_the_engine_s() -> None:
    assert STEMS_FILE.parent == LIBRARY_FOLDER
    assert f"read -c {STEMS_FILE.name}" in code_of(LIBRARY_FOLDER / "stem-list.pd")
    others = [path for path in PATCHES if path.stem != "stem-list" and not path.stem.endswith("-help")]
    naming = [path.name for path in others for stem in STEMS if f" {stem}" in code_of(path)]
    assert not naming, "what is there for each stem is built from the list"


def code_of(path: Path) -> str:
    """Objects and messages of a patch, without what is written for people."""
    return "\n".join(box.text for canvas in read_patch(path) for box in canvas.boxes if box.kind in ("obj", "msg"))


def test_the_surface_has_room_for_a_strip_for_each_stem() -> None:
    strip, strips = (read_patch(SURFACE_FOLDER / f"{name}.pd")[-1] for name in ("ui-stem", "ui-stems"))
    place = on_paper(Box("obj", 0, 0, strips.name.removesuffix(".pd"), 0, 0))
    width = on_paper(Box("obj", 0, 0, strip.name.removesuffix(".pd"), 0, 0)).width
    assert width <= place.width // len(STEMS)


def test_the_patches_agree_with_the_reel_format() -> None:
    check, player = ((ROOM_FOLDER / name).read_text() for name in ("reel-check.pd", "reel-player~.pd"))
    assert f">= {REEL_FRAMES + TAIL_FRAMES} * " in check
    assert f"metro {REEL_FRAMES} 1 samp" in player
