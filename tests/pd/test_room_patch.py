"""The whole room patch in batch time: hold and back, faders, meters, the recorder, the soft end."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.parameters.stems import CHANNELS, SAMPLE_RATE_HZ, STEMS
from engine.reels.format import REEL_FRAMES, SMALL_HOLD_S, TAIL_FRAMES
from engine.reels.hold_loop import make_first_hold_loop, write_hold_loop
from engine.room.pd_process import ROOM, STEREO_ROOM, pd_symbol
from tests.pd.batch import Event, Report, music, ready, run_batch, write_reels

REEL_MS = REEL_FRAMES / 48


@pytest.fixture(scope="module")
def hold(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("hold") / "a loop, with odd; name$1.wav"
    write_hold_loop(path, make_first_hold_loop())
    return path


def play(
    folder: Path, hold: Path, events: list[Event], length_ms: float, *, port: int = 47_310, before: Sequence[Event] = ()
) -> tuple[np.ndarray, list[Report]]:
    """What left the room, float32[frames, 2], and what it reported. The reverb is off unless asked for."""
    out = folder / "out.wav"
    around = [
        Event(0, f"room-start {port} 1000 {pd_symbol(str(hold))}"),
        Event(0, "room-control wet 0"),
        Event(0, f"room-record start {pd_symbol(str(out))}"),
        Event(length_ms, "room-record stop"),
    ]
    reports, errors = run_batch(folder, STEREO_ROOM, [*before, *around, *events], out)
    assert not errors
    return soundfile.read(out, dtype="float32")[0], reports


def level_db(audio: np.ndarray) -> float:
    return float(20 * np.log10(np.sqrt(np.mean(np.square(audio, dtype=np.float64))) + 1e-12))


def only(stem: str, reels: int, level: float = 0.1) -> np.ndarray:
    audio = np.zeros_like(music(reels))
    channel = 2 * STEMS.index(stem)
    audio[:, channel : channel + 2] = music(reels, level)[:, :2]
    return audio


def told(reports: list[Report], *addresses: str) -> list[tuple[str, ...]]:
    return [(report.address, *report.arguments) for report in reports if report.address in addresses]


def test_into_hold_and_back_without_click_or_silence(hold: Path, tmp_path: Path) -> None:
    first, second = write_reels(tmp_path, music(5)), write_reels(tmp_path, music(7, seed=11), "b")
    events = [ready(0, path) for path in first]
    events += [ready(5_000 + 4 * i, path, seam=int(i == 0)) for i, path in enumerate(second)]
    out, reports = play(tmp_path, hold, events, 8_500)
    states = told(reports, "/room/hold", "/room/late")
    assert states[:3] == [("/room/hold", "0"), ("/room/hold", "1"), ("/room/late", "1")]
    assert states[3] == ("/room/hold", "0")
    heard = out[48_000 : round(8.4 * 48_000)]
    assert np.abs(np.diff(heard, axis=0)).max() < 0.06, "no step larger than the music's own"
    windows = heard[: len(heard) // 4_800 * 4_800].reshape(-1, 4_800, 2)
    assert min(level_db(window) for window in windows) > -45
    assert level_db(out[round(4.0 * 48_000) : round(4.9 * 48_000)]) == pytest.approx(-30, abs=4)


def test_back_from_hold_only_with_three_reels_or_after_two_seconds(hold: Path, tmp_path: Path) -> None:
    paths = write_reels(tmp_path, music(8))
    events = [ready(0, path) for path in paths[:3]] + [ready(4_000 + 100 * i, p) for i, p in enumerate(paths[3:5])]
    _, reports = play(tmp_path, hold, events, 9_000)
    states = told(reports, "/room/hold", "/reel/playing")
    back = states.index(("/room/hold", "0"), 1)
    assert [Path(path).name for _, path in states[back + 1 : back + 3]] == ["a-003.wav", "a-004.wav"]
    assert states[back + 3] == ("/room/hold", "1")


def test_three_bad_reels_do_not_end_the_hold_loop(hold: Path, tmp_path: Path) -> None:
    """Enough wait, none is good: the room holds on without a word, and begins with the next good ones."""
    first, second = write_reels(tmp_path, music(3)), write_reels(tmp_path, music(9, seed=11), "b")
    events = [ready(0, path) for path in first] + [ready(4_000 + 150 * i, path) for i, path in enumerate(second)]
    for path in second[:6]:
        soundfile.write(path, np.full((REEL_FRAMES + TAIL_FRAMES, CHANNELS), 0.4), SAMPLE_RATE_HZ, subtype="FLOAT")
    out, reports = play(tmp_path, hold, events, 8_000)
    states = told(reports, "/room/hold", "/room/late", "/reel/playing")
    held = states.index(("/room/late", "1"))
    after = [("/room/hold", "0"), ("/room/hold", "1"), ("/room/late", "2")]
    assert [state for state in states[held + 1 :] if state[0] != "/reel/playing"] == after
    assert [Path(state[1]).name for state in states if state[0] == "/reel/playing"][3:] == [p.name for p in second[6:]]
    heard = out[48_000 : round(7.9 * 48_000)]
    assert np.abs(np.diff(heard, axis=0)).max() < 0.06, "no step larger than the music's own"


def test_a_hold_loop_that_still_fades_goes_on_where_it_is(hold: Path, tmp_path: Path) -> None:
    """A reel that comes late just after the room began again: the loop is heard at that moment."""
    first, second = write_reels(tmp_path, music(3)), write_reels(tmp_path, music(1, seed=11), "b")
    calm = [Event(0, f"room-stem {stem} mute 1") for stem in STEMS]
    events = [*calm, *(ready(0, path) for path in first), ready(4_000, second[0])]
    out, reports = play(tmp_path, hold, events, 9_000)
    assert [state[1] for state in told(reports, "/room/hold")] == ["0", "1", "0", "1"]
    heard = out[round(3.5 * 48_000) : round(8.9 * 48_000)]
    assert level_db(heard) > -45
    assert np.abs(np.diff(heard, n=2, axis=0)).max() < 0.002, "no step in the loop alone"


def test_without_any_reel_the_hold_loop_comes_after_its_patience(hold: Path, tmp_path: Path) -> None:
    out, reports = play(tmp_path, hold, [], 6_000)
    assert told(reports, "/room/hold", "/room/late") == [("/room/hold", "1")]
    assert not out[: 48_000 - 64].any()
    assert level_db(out[4 * 48_000 :]) == pytest.approx(-32, abs=6), "the loop swells"


def test_a_room_with_little_memory_plays_short_loops_round_and_refuses_longer_ones(hold: Path, tmp_path: Path) -> None:
    short = tmp_path / "short.wav"
    write_hold_loop(short, make_first_hold_loop(SMALL_HOLD_S))
    room = [Event(0, f"hold-most-frames {SMALL_HOLD_S * SAMPLE_RATE_HZ:g}")]
    longer = [Event(1_000, f"room-hold load {pd_symbol(str(hold))}")]
    out, reports = play(tmp_path, short, longer, 27_000, before=room)
    assert [row[0] for row in told(reports, "/hold/loaded", "/hold/bad")] == ["/hold/loaded", "/hold/bad"]
    windows = out[4 * 48_000 : 26 * 48_000].reshape(-1, 48_000, 2)
    assert min(level_db(window) for window in windows) > -40
    assert np.abs(np.diff(out[4 * 48_000 :], axis=0)).max() < 0.06


def test_a_refreshed_loop_is_crossed_to_and_a_broken_one_is_not(hold: Path, tmp_path: Path) -> None:
    tone = 0.02 * np.sin(2 * np.pi * 1_000 * np.arange(6 * 48_000) / 48_000)
    write_hold_loop(tmp_path / "new.wav", np.stack([tone, tone], axis=1).astype(np.float32))
    (tmp_path / "broken.wav").write_bytes(b"RIFF")
    events = [
        Event(4_000, f"room-hold load {pd_symbol(str(tmp_path / 'new.wav'))}"),
        Event(11_000, f"room-hold load {pd_symbol(str(tmp_path / 'gone.wav'))}"),
    ]
    folder = tmp_path / "run"
    folder.mkdir()
    out = folder / "out.wav"
    events += [Event(0, f"room-start 47310 100 {pd_symbol(str(hold))}"), Event(0, "room-control wet 0")]
    events += [Event(0, f"room-record start {pd_symbol(str(out))}"), Event(13_000, "room-record stop")]
    reports, _ = run_batch(folder, STEREO_ROOM, events, out)
    audio = soundfile.read(out, dtype="float32")[0]
    loaded = told(reports, "/hold/loaded", "/hold/bad")
    assert [row[0] for row in loaded] == ["/hold/loaded", "/hold/loaded", "/hold/bad"]
    assert loaded[1][-1] == "192000"
    late = audio[11 * 48_000 : 13 * 48_000 - 4_800]
    assert level_db(late) == pytest.approx(level_db(np.stack([tone, tone])), abs=0.5)
    assert np.abs(np.diff(audio, axis=0)).max() < 0.02


def test_mute_is_heard_within_50_ms_and_faders_do_what_they_say(hold: Path, tmp_path: Path) -> None:
    paths = write_reels(tmp_path, only("cello", 10))
    events = [ready(0, path) for path in paths]
    events += [
        Event(2_000, "room-stem cello level_db -12"),
        Event(3_000, "room-stem cello mute 1"),
        Event(3_500, "room-stem cello mute 0"),
        Event(4_000, "room-stem piano mute 1"),
        Event(4_000, "room-stem cello level_db 0"),
    ]
    out, reports = play(tmp_path, hold, events, 5_000)

    def at(start_ms: float, length_ms: float) -> float:
        return level_db(out[round(48 * start_ms) : round(48 * (start_ms + length_ms))])

    loud = at(1_800, 200)
    assert at(2_060, 500) == pytest.approx(loud - 12, abs=0.3)
    assert at(3_050, 400) < -90
    assert at(3_560, 300) == pytest.approx(loud - 12, abs=0.3)
    assert at(4_100, 500) == pytest.approx(loud, abs=0.3)
    assert np.abs(np.diff(out, axis=0)).max() < 0.02
    meters = [tuple(map(float, row[1:])) for row in told(reports, "/meter/cello")]
    assert max(left for left, _ in meters) == pytest.approx(20 * np.log10(0.1 / np.sqrt(2)), abs=0.3)
    room = [tuple(map(float, row[1:])) for row in told(reports, "/room/meter")]
    assert max(left for left, _ in room) == pytest.approx(20 * np.log10(0.1 / np.sqrt(2)), abs=1.2), (
        "the low cut takes a little"
    )
    assert all(float(row[1]) <= -99 for row in told(reports, "/meter/bells"))


def test_even_a_roaring_reel_stays_below_the_limit(hold: Path, tmp_path: Path) -> None:
    paths = write_reels(tmp_path, music(5, level=0.9))
    events = [ready(0, path) for path in paths] + [Event(0, "room-control level_db 6")]
    out, _ = play(tmp_path, hold, events, 2_500)
    assert np.abs(out).max() < 10 ** (-1.2 / 20)


def test_the_reverb_rings_on_and_dies_away(hold: Path, tmp_path: Path) -> None:
    audio = only("piano", 8)
    audio[REEL_FRAMES:] = 0
    audio[REEL_FRAMES - TAIL_FRAMES : REEL_FRAMES] *= np.linspace(1, 0, TAIL_FRAMES, dtype=np.float32)[:, None]
    events = [ready(0, path) for path in write_reels(tmp_path, audio)] + [Event(0, "room-control wet 0.5")]
    out, _ = play(tmp_path, hold, events, 4_300)
    levels = [level_db(out[round(48 * t) : round(48 * (t + 200))]) for t in (650, 1_650, 2_650, 3_650)]
    assert levels[0] > -50
    assert all(10 < before - after < 32 for before, after in pairwise(levels))


def test_the_end_fades_and_closes_the_recording(hold: Path, tmp_path: Path) -> None:
    paths = write_reels(tmp_path, only("piano", 10))
    out = tmp_path / "out.wav"
    events = [
        Event(0, f"room-start 47310 1000 {pd_symbol(str(hold))}"),
        Event(0, f"room-record start {pd_symbol(str(out))}"),
        *(ready(0, path) for path in paths),
        Event(2_500, "room-control stop"),
        Event(5_000, "room-control stop"),
    ]
    reports, errors = run_batch(tmp_path, STEREO_ROOM, events, out)
    assert not errors
    info = soundfile.info(out)
    assert (info.samplerate, info.channels, info.subtype) == (48_000, 2, "PCM_24")
    audio = soundfile.read(out, dtype="float32")[0]
    assert len(audio) == pytest.approx(3.35 * 48_000, abs=128)
    assert not audio[-1_000:].any()
    assert np.abs(np.diff(audio, axis=0)).max() < 0.02
    said = [row[0] for row in told(reports, "/record/started", "/record/done", "/room/stopped")]
    assert said == ["/record/started", "/record/done", "/room/stopped"]


def test_a_recording_that_cannot_be_written_is_reported(hold: Path, tmp_path: Path) -> None:
    events = [
        Event(0, f"room-start 47310 1000 {pd_symbol(str(hold))}"),
        Event(0, f"room-record start {pd_symbol(str(tmp_path / 'no' / 'out.wav'))}"),
    ]
    reports, _ = run_batch(tmp_path, STEREO_ROOM, [*events, Event(3_000, "room-record stop")])
    assert [row[0] for row in told(reports, "/record/started", "/record/failed")] == ["/record/failed"]


def test_silence_that_is_asked_for_fades_and_comes_back(hold: Path, tmp_path: Path) -> None:
    paths = write_reels(tmp_path, only("piano", 16))
    events = [ready(0, path) for path in paths]
    events += [
        Event(0, "room-control fade_s 0.5"),
        Event(2_000, "room-control silent 1"),
        Event(3_500, "room-control fade_s 1"),
        Event(3_500, "room-control silent 0"),
    ]
    out, reports = play(tmp_path, hold, events, 5_500)

    def at(start_ms: float, length_ms: float) -> float:
        return level_db(out[round(48 * start_ms) : round(48 * (start_ms + length_ms))])

    loud = at(1_700, 200)
    assert at(2_200, 50) == pytest.approx(loud - 20 * np.log10(1 / 0.55**2), abs=1.5)
    assert at(2_600, 800) < -110
    assert at(4_600, 500) == pytest.approx(loud, abs=0.3)
    assert np.abs(np.diff(out, axis=0)).max() < 0.02
    assert not told(reports, "/room/late"), "the reels play on meanwhile"


HOLD_LOOPS = "/dev/shm/ameublement-*/hold/hold.wav"


def by_hand(folder: Path, hold_loops: str) -> tuple[np.ndarray, str]:
    """What leaves `room.pd` in six seconds when a person opens it and nothing else, and what Pd's window says.

    It looks for the loops of installations at `hold_loops`: those that played on this machine are no part of a test.
    """
    text = ROOM.read_text()
    assert text.count(HOLD_LOOPS) == 1
    patch = folder / "patches" / "room.pd"
    patch.parent.mkdir()
    patch.write_text(text.replace(HOLD_LOOPS, hold_loops))
    (patch.parent / "room").symlink_to(ROOM.parent / "room")
    out = folder / "out.wav"
    events = [Event(300, f"room-record start {pd_symbol(str(out))}"), Event(6_300, "room-record stop")]
    _, errors = run_batch(folder, [patch], events, out)
    assert not errors
    return soundfile.read(out, dtype="float32")[0], (folder / "pd.log").read_text()


def test_opened_by_hand_it_plays_a_demonstration_and_says_what_it_is(tmp_path: Path) -> None:
    out, said = by_hand(tmp_path, f"{tmp_path}/none-*/hold.wav")
    assert "room: No engine plays here. You hear " in said
    assert "demonstration.wav over and over." in said
    heard = out[96_000 : 96_000 + 7 * 24_000].reshape(7, 24_000, 2)
    assert min(map(level_db, heard)) > -45


def test_opened_by_hand_where_an_installation_has_played_it_plays_its_hold_loop(hold: Path, tmp_path: Path) -> None:
    loop = tmp_path / "ameublement-7" / "hold.wav"
    loop.parent.mkdir()
    shutil.copy(hold, loop)
    out, said = by_hand(tmp_path, f"{tmp_path}/ameublement-*/hold.wav")
    assert f"You hear {loop} over and over." in said
    assert level_db(out[96_000:]) > -60


def test_started_by_an_engine_it_plays_no_demonstration(hold: Path, tmp_path: Path) -> None:
    _, reports = play(tmp_path, hold, [], 2_000)
    assert not (tmp_path / "pd.log").read_text().count("No engine plays here")
    assert len(told(reports, "/hold/loaded")) == 1
