"""What is in the reels comes out of Pd's two decks bit for bit, and what is wrong with a reel does no harm."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.parameters.stems import CHANNELS, STEMS
from engine.reels.format import REEL_FRAMES, TAIL_FRAMES
from engine.room.pd_process import pd_symbol
from tests.pd.batch import Event, Report, music, ready, run_batch, write_reels

REEL_MS = REEL_FRAMES / 48
FIRST_FRAME = 4_800
"""A player begins 100 ms after it has its first two reels."""


def strands(folder: Path) -> Path:
    """A patch with the reel player alone: every channel goes into a file as floats, before any fader.

    The cord into the canvas with the `catch~`es makes the decks run first.
    """
    inside = ["inlet~", *(f"catch~ strand-{stem}-{side}" for stem in STEMS for side in "lr")]
    inside += [f"writesf~ {CHANNELS} 16777216", "r write"]
    writer = 1 + CHANNELS
    cords = [(writer + 1, 0, writer, 0)]
    cords += [(1 + channel, 0, writer, channel) for channel in range(CHANNELS)]
    lines = ["#N canvas 60 60 700 400 12", "#X obj 30 30 r room-reel", "#X obj 30 60 reel-player~"]
    lines += ["#N canvas 60 60 700 700 strands 0", *(f"#X obj 30 {30 * row} {box}" for row, box in enumerate(inside))]
    lines += ["#X connect " + " ".join(map(str, cord)) for cord in cords]
    lines += ["#X restore 30 90 pd strands", "#X connect 0 0 1 0", "#X connect 1 0 2 0"]
    path = folder / "strands.pd"
    path.write_text(";\n".join(lines) + ";\n", "utf-8")
    return path


def play(folder: Path, events: list[Event], length_ms: float) -> tuple[np.ndarray, list[Report], str]:
    """What all channels were, from the first block on; float32[frames, CHANNELS]."""
    out = folder / "out.wav"
    around = [
        Event(0.0, f"write open -wave -bytes 4 {pd_symbol(str(out))}"),
        Event(0.0, "write start"),
        Event(length_ms, "write stop"),
    ]
    reports, log = run_batch(folder, [strands(folder)], around + events, out)
    audio, _ = soundfile.read(out, dtype="float32")
    return audio, reports, log


def played(reports: list[Report]) -> list[str]:
    return [Path(report.arguments[0]).name for report in reports if report.address == "/reel/playing"]


def test_fourteen_reels_bit_for_bit(tmp_path: Path) -> None:
    audio = music(14)
    audio += np.random.default_rng(3).standard_normal(audio.shape).astype(np.float32) * 0.01
    paths = write_reels(tmp_path, audio)
    events = [ready(12.0 * i, path, seam=int(i == 0)) for i, path in enumerate(paths)]
    out, reports, log = play(tmp_path, events, 14 * REEL_MS + 500)
    start = FIRST_FRAME + 576  # the second reel was announced after 12 ms
    span = slice(TAIL_FRAMES + 64, 14 * REEL_FRAMES)
    heard = out[start : start + 14 * REEL_FRAMES][span]
    assert heard.shape == (14 * REEL_FRAMES - TAIL_FRAMES - 64, CHANNELS)
    np.testing.assert_array_equal(heard, audio[span])
    assert played(reports) == [path.name for path in paths]
    assert not log


def test_announced_twice_is_played_once(tmp_path: Path) -> None:
    paths = write_reels(tmp_path, music(4))
    events = [ready(0.0, path) for path in paths] + [ready(500.0, path) for path in paths]
    _, reports, log = play(tmp_path, events, 5 * REEL_MS)
    assert played(reports)[:4] == [path.name for path in paths]
    assert len(played(reports)) == 4
    assert not log


def test_names_come_round_again(tmp_path: Path) -> None:
    """Once played, the same name may be used for another reel."""
    first, second, third, fourth = write_reels(tmp_path, music(4))
    events = [ready(0.0, path) for path in (first, second, third, fourth)] + [ready(1600.0, first)]
    _, reports, _ = play(tmp_path, events, 6 * REEL_MS)
    assert played(reports) == [path.name for path in (first, second, third, fourth, first)]


FAULTS = [
    "missing",
    "truncated",
    "six channels",
    "no audio",
    "garbage",
    "silence",
    "one value",
    "noise",
    "another reel",
    "NaN",
]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_bad_reel_is_skipped_and_crossed_over(fault: str, tmp_path: Path) -> None:
    paths = write_reels(tmp_path, music(8))
    bad, events = paths[3], [ready(0.0, path) for path in paths]
    whole_reel = (REEL_FRAMES + TAIL_FRAMES, CHANNELS)
    spoilt = {
        "silence": np.zeros(whole_reel),
        "one value": np.full(whole_reel, 0.015),
        "noise": np.random.default_rng(1).uniform(-1, 1, whole_reel),
        "another reel": music(1, seed=5),
        "NaN": np.full(whole_reel, np.nan),
    }
    if fault in spoilt:
        soundfile.write(bad, spoilt[fault], 48_000, subtype="FLOAT")
    elif fault == "missing":
        bad.unlink()
    elif fault == "truncated":
        bad.write_bytes(bad.read_bytes()[:-4_000])
    elif fault == "six channels":
        soundfile.write(bad, music(14)[:, :6], 48_000, subtype="FLOAT")
    elif fault == "garbage":  # the header is whole; a network or a disk made these numbers
        whole = bad.read_bytes()
        bad.write_bytes(whole[:1_000] + np.random.default_rng(1).bytes(len(whole) - 1_000))
    else:
        bad.write_bytes(b"\0" * bad.stat().st_size)
    out, reports, _ = play(tmp_path, events, 7 * REEL_MS)
    assert [Path(report.arguments[0]).name for report in reports if report.address == "/reel/bad"] == [bad.name]
    assert played(reports) == [path.name for path in paths if path != bad]
    assert sum(report.address == "/room/late" for report in reports) == 1, "at the very end, and not before"
    heard = out[FIRST_FRAME + TAIL_FRAMES : FIRST_FRAME + 6 * REEL_FRAMES]
    largest_step = np.abs(np.diff(music(8), axis=0)).max()
    assert np.abs(np.diff(heard, axis=0)).max() < 2.0 * largest_step
    assert np.abs(heard.reshape(-1, 512, CHANNELS)).max(axis=1).min() > 0.005


def test_a_seam_crosses_two_generations_without_a_step(tmp_path: Path) -> None:
    old = write_reels(tmp_path, music(4))
    new = write_reels(tmp_path, music(4, seed=37), "b")
    events = [ready(0.0, path) for path in old]
    events += [ready(0.0, path, seam=int(path == new[0])) for path in new]
    out, reports, log = play(tmp_path, events, 8 * REEL_MS)
    seam = FIRST_FRAME + 4 * REEL_FRAMES
    np.testing.assert_array_equal(out[seam - REEL_FRAMES : seam], music(4)[3 * REEL_FRAMES : 4 * REEL_FRAMES])
    np.testing.assert_array_equal(
        out[seam + TAIL_FRAMES + 64 : seam + REEL_FRAMES], music(4, seed=37)[TAIL_FRAMES + 64 : REEL_FRAMES]
    )
    assert np.abs(np.diff(out[seam - 100 : seam + TAIL_FRAMES + 100], axis=0)).max() < 0.01
    assert played(reports) == [path.name for path in (*old, *new)]
    assert not log


def test_a_queue_that_overflows_keeps_the_first_sixty_four(tmp_path: Path) -> None:
    good = write_reels(tmp_path, music(2))
    gone = [tmp_path / f"b-{number:03d}.wav" for number in range(90)]
    _, reports, _ = play(tmp_path, [ready(0.0, path) for path in (*good, *gone)], 2_000)
    bad = [Path(report.arguments[0]).name for report in reports if report.address == "/reel/bad"]
    assert bad == [path.name for path in gone[:63]], "one of the two good ones waited as well"
