"""A sleeve is a picture of its own music: the same music the same bytes, other music others."""

from __future__ import annotations

from pathlib import Path

import matplotlib.image
import numpy as np
import pytest

from engine.album.performance.played import Placed, Played
from engine.album.plan.plan import RecordPlan
from engine.album.sleeve import sleeve as printed_by
from engine.album.sleeve.sleeve import PAPER, SIZE_IN, write_sleeve
from engine.music.notes import Note, Phrase, Score

DOTS_PER_IN = 60
"""A third of what is printed: a ninth of the dots."""


def music(pitch: int) -> Played:
    notes = tuple(Note(float(n), pitch + n, 0.8, 90) for n in range(8))
    return Played((Placed(0.0, Score({"piano": notes, "drums": notes, "bells": notes}, (), 9.0), "a", Phrase(notes)),))


def sleeve(plan: RecordPlan, folder: Path, pitch: int = 60) -> tuple[bytes, bytes]:
    folder.mkdir()
    levels = [np.random.default_rng(1).uniform(-90.0, 0.0, (330, 200)).astype(np.float32) for _ in plan.tracks]
    write_sleeve(folder, plan, {track.number: music(pitch) for track in plan.tracks}, levels)
    return (folder / "sleeve.png").read_bytes(), (folder / "sleeve.svg").read_bytes()


def test_the_same_music_gives_the_same_bytes_and_a_longer_track_a_longer_strip(
    plan: RecordPlan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printed_by, "DOTS_PER_IN", DOTS_PER_IN)
    one = sleeve(plan, tmp_path / "one")
    assert sleeve(plan, tmp_path / "again") == one
    other = sleeve(plan, tmp_path / "other", 72)
    assert other[0] != one[0]
    assert other[1] != one[1]
    first, second = (track.length_s for track in plan.tracks)
    assert strip_widths(tmp_path / "one" / "sleeve.png") == pytest.approx((1.0, second / first), abs=0.02)


def strip_widths(sleeve: Path) -> tuple[float, float]:
    """Widths of the two strips, as shares of the first."""
    picture = matplotlib.image.imread(sleeve)[:, :, :3]
    assert picture.shape[0] == picture.shape[1] == SIZE_IN * DOTS_PER_IN
    paper = np.array([int(PAPER[n : n + 2], 16) / 255 for n in (1, 3, 5)])
    printed = np.abs(picture - paper).max(axis=2) > 0.02
    strips = [printed[round(share * len(printed))] for share in (0.25, 0.60)]
    widths = [np.flatnonzero(row)[-1] - 0.085 * len(row) for row in strips]
    return 1.0, widths[1] / widths[0]
