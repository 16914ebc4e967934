"""Every room that ships, through Pd: level, delay, filters and ceiling of each loudspeaker against its file."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import soundfile
from scipy.signal import freqz

from engine.parameters.loudspeakers import Loudspeaker, Loudspeakers
from engine.parameters.stems import STEMS
from engine.room.loudspeakers.patch import write_patch
from engine.room.pd_process import ROOM, STEREO_ROOM, pd_symbol
from engine.room.presets import list_rooms, load_room
from tests.pd.batch import HERE, Event, music, ready, run_batch, write_reels

RATE_HZ = 48_000
LIMITER_FRAMES = 141
IMPULSE = 0.5
IMPULSES_AT = 4_800
NOISE_AT = 48_000
SECONDS = 2.5
ROOMS = [name for name in list_rooms() if load_room(name).loudspeakers]


@dataclass(frozen=True)
class Room:
    """`response`: float64[frames, channels], of an impulse that began at frame 0; `roar`: what noise became."""

    speakers: Loudspeakers
    start: int
    response: np.ndarray
    roar: np.ndarray


@pytest.fixture(scope="module", params=ROOMS)
def played(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Room:
    """An impulse and then noise of +20 dB into each loudspeaker, and what the card would have got."""
    preset, folder = load_room(request.param), tmp_path_factory.mktemp(request.param)
    assert preset.loudspeakers
    patch = folder / "loudspeakers.pd"
    write_patch(preset.loudspeakers, preset.title, patch)
    source, out = folder / "in.wav", folder / "out.wav"
    frames = round(SECONDS * RATE_HZ)
    audio = np.zeros((frames, 8), np.float32)
    audio[IMPULSES_AT] = IMPULSE
    audio[NOISE_AT:] = 10 * np.random.default_rng(3).standard_normal((frames - NOISE_AT, 8))
    soundfile.write(source, audio, RATE_HZ, subtype="FLOAT")
    events = [
        Event(0, f"each open {pd_symbol(str(source))}"),
        Event(0, f"room-record start {pd_symbol(str(out))}"),
        Event(1_000, "each 1"),
        Event(1_000 + 1_000 * SECONDS, "room-record stop"),
    ]
    _, errors = run_batch(folder, [patch, ROOM, HERE / "each-loudspeaker.pd"], events, out)
    assert not errors
    heard = soundfile.read(out, dtype="float64")[0].reshape(-1, preset.loudspeakers.channels)
    start = _start_of_file(heard, preset.loudspeakers)
    begin = start + IMPULSES_AT
    return Room(preset.loudspeakers, start, heard[begin : start + NOISE_AT] / IMPULSE, heard[start + NOISE_AT :])


def _start_of_file(heard: np.ndarray, room: Loudspeakers) -> int:
    """Frame of the recording in which the file began, if the first to sound is as late as its file says."""
    undelayed = min(room.placed, key=room.delay_ms)
    first = int(np.argmax(np.abs(heard[:, undelayed.channel - 1]) > 1e-3))
    return first - round(48 * room.delay_ms(undelayed)) - LIMITER_FRAMES - IMPULSES_AT


def test_the_first_to_sound_is_as_late_as_its_file_says(played: Room) -> None:
    """The file was started a second after the recording: only on an edge of a block can the two meet."""
    assert played.start % 64 == 0
    assert 48_000 <= played.start <= 48_000 + 128


def test_each_comes_as_late_as_its_file_says(played: Room) -> None:
    """To the frame: the delay of the file is rounded to frames, the limiter's 141 come to all."""
    firsts = {
        one.name: int(np.argmax(np.abs(played.response[:, one.channel - 1]) > 1e-7)) for one in played.speakers.placed
    }
    wanted = {one.name: LIMITER_FRAMES + round(48 * played.speakers.delay_ms(one)) for one in played.speakers.placed}
    assert firsts == wanted


def test_each_has_the_level_and_the_filters_of_its_file(played: Room) -> None:
    for one in played.speakers.speakers:
        response = played.response[:, one.channel - 1]
        for hz in (31.5, 63.0, 100.0, 180.0, 250.0, 1_000.0, 3_000.0, 8_000.0):
            wanted_db = one.trim_db + _filters_db(one, hz)
            if wanted_db > -70:
                assert _level_db(response, hz) == pytest.approx(wanted_db, abs=0.1), (one.name, hz)


def test_noise_of_20_db_stays_below_the_ceiling(played: Room) -> None:
    ceiling = 10 ** (played.speakers.ceiling_db / 20)
    for one in played.speakers.speakers:
        roar = played.roar[RATE_HZ // 2 :, one.channel - 1]
        assert np.abs(roar).max() < ceiling, one.name
        assert np.abs(roar).max() > 0.5 * ceiling, f"{one.name} is limited, not silenced"
    used = {one.channel for one in played.speakers.speakers}
    assert all(not played.roar[:, n].any() for n in range(played.speakers.channels) if n + 1 not in used)


def _level_db(response: np.ndarray, hz: float) -> float:
    turns = np.exp(-2j * np.pi * hz * np.arange(len(response)) / RATE_HZ)
    return float(20 * np.log10(abs(np.sum(response * turns))))


def _filters_db(one: Loudspeaker, hz: float) -> float:
    """The cookbook's transfer functions, as polynomials."""
    sections = []
    if one.low_cut_hz:
        sections.append(_pass(one.low_cut_hz, high=True))
    if one.low_pass_hz:
        sections += [_pass(one.low_pass_hz, high=False)] * 2
    sections += [_bell(band.hz, band.gain_db, band.q) for band in one.eq]
    return sum(20 * math.log10(abs(freqz(b, a, [hz], fs=RATE_HZ)[1][0])) for b, a in sections)


def _pass(hz: float, *, high: bool) -> tuple[list[float], list[float]]:
    turn = 2 * math.pi * hz / RATE_HZ
    cosine, alpha = math.cos(turn), math.sin(turn) / math.sqrt(2)
    edge = (1 + cosine) / 2 if high else (1 - cosine) / 2
    return [edge, -2 * edge if high else 2 * edge, edge], [1 + alpha, -2 * cosine, 1 - alpha]


def _bell(hz: float, gain_db: float, q: float) -> tuple[list[float], list[float]]:
    turn, root = 2 * math.pi * hz / RATE_HZ, 10 ** (gain_db / 40)
    cosine, alpha = math.cos(turn), math.sin(turn) / (2 * q)
    return [1 + alpha * root, -2 * cosine, 1 - alpha * root], [1 + alpha / root, -2 * cosine, 1 - alpha / root]


# ------------------------------------------------------------------- stems in the room


def play_stem(folder: Path, name: str, events: list[Event], length_ms: float = 4_000) -> np.ndarray:
    """Reels with a tone in one stem, through the whole room; float[frames, channels]."""
    preset = load_room(name)
    assert preset.loudspeakers
    patch, out = folder / "loudspeakers.pd", folder / "out.wav"
    write_patch(preset.loudspeakers, preset.title, patch)
    events = [*_room_events(folder, out, length_ms), *events]
    run_batch(folder, [patch, ROOM], events, out)
    return soundfile.read(out, dtype="float64")[0].reshape(-1, preset.loudspeakers.channels)


def _room_events(folder: Path, out: Path, length_ms: float) -> list[Event]:
    audio = np.zeros_like(music(9))
    tone = 0.1 * np.sin(2 * np.pi * 1_000 * np.arange(len(audio)) / RATE_HZ)
    audio[:, 2 * STEMS.index("cello")] = tone
    return [
        Event(0, f"room-start 47310 1000 {pd_symbol(str(folder / 'none.wav'))}"),
        Event(0, "room-control wet 0"),
        Event(0, "room-stem cello width_deg 0"),
        Event(0, f"room-record start {pd_symbol(str(out))}"),
        *(ready(0, path) for path in write_reels(folder, audio)),
        Event(length_ms, "room-record stop"),
    ]


def gains(audio: np.ndarray, name: str, start_ms: float, length_ms: float = 200) -> np.ndarray:
    """Level at each placed loudspeaker, its trim and filters taken away, as a share of the tone."""
    room = load_room(name).loudspeakers
    assert room
    part = audio[round(48 * start_ms) : round(48 * (start_ms + length_ms))]
    own_db = [one.trim_db + _filters_db(one, 1_000.0) for one in room.placed]
    rms = [np.sqrt(np.mean(part[:, one.channel - 1] ** 2)) for one in room.placed]
    return np.array(rms) / 10 ** (np.array(own_db) / 20) / (0.1 / math.sqrt(2))


@cache
def vbap(azimuths_deg: tuple[float, ...], source_deg: float) -> np.ndarray:
    """Pulkki's way: the pair of loudspeakers whose base gives the source by gains that are not negative."""
    source = np.array([math.sin(math.radians(source_deg)), math.cos(math.radians(source_deg))])
    vectors = [np.array([math.sin(math.radians(a)), math.cos(math.radians(a))]) for a in azimuths_deg]
    order = np.argsort(np.array(azimuths_deg) % 360)
    for one, other in zip(order, np.roll(order, -1), strict=True):
        pair = np.linalg.solve(np.stack([vectors[one], vectors[other]], axis=1), source)
        if pair.min() > -1e-9:
            found = np.zeros(len(azimuths_deg))
            found[[one, other]] = pair / np.linalg.norm(pair)
            return found
    raise AssertionError("no pair")


@pytest.mark.parametrize("name", ["quad", "octophonic_ring"])
def test_a_stem_is_where_it_is_put(name: str, tmp_path: Path) -> None:
    room = load_room(name).loudspeakers
    assert room
    azimuths = tuple(one.direction_deg for one in room.placed)
    places = (-30, 0, 100, 180, -110)
    events = [Event(1_000 + 500 * n, f"room-stem cello azimuth_deg {place}") for n, place in enumerate(places)]
    audio = play_stem(tmp_path, name, events)
    for n, place in enumerate(places):
        found = gains(audio, name, 1_270 + 500 * n)
        np.testing.assert_allclose(found, vbap(azimuths, place), atol=0.006, err_msg=f"at {place}")
    assert np.abs(np.diff(audio[RATE_HZ // 2 :], axis=0)).max() < 0.1 * 2 * np.pi * 1_000 / RATE_HZ * 1.1, "no click"


def test_a_gap_of_more_than_180_degrees_is_crossed_at_equal_power(tmp_path: Path) -> None:
    places = (0, 30, 90, 180, -120)
    events = [Event(1_000 + 500 * n, f"room-stem cello azimuth_deg {place}") for n, place in enumerate(places)]
    audio = play_stem(tmp_path, "stereo", events)
    for n, share in enumerate((0.5, 1.0, 0.8, 0.5, 0.3)):
        left, right = gains(audio, "stereo", 1_270 + 500 * n)
        assert (left**2 + right**2) == pytest.approx(1.0, abs=0.02)
        assert right == pytest.approx(math.sin(math.pi / 2 * share), abs=0.01)


def test_what_wanders_keeps_its_power(tmp_path: Path) -> None:
    events = [Event(0, "room-stem cello wander_deg 180"), Event(0, "room-stem cello period_s 10")]
    audio = play_stem(tmp_path, "octophonic_ring", events)
    heard = [gains(audio, "octophonic_ring", start, 50) for start in range(1_000, 3_800, 50)]
    power_db = 10 * np.log10(np.sum(np.square(heard), axis=1))
    assert np.abs(power_db).max() < 0.25
    loudest = {int(np.argmax(row)) for row in heard}
    assert len(loudest) >= 4, "it went a long way"


def test_in_a_free_room_the_nearer_is_the_louder(tmp_path: Path) -> None:
    events = [Event(1_500, "room-stem cello azimuth_deg 180"), Event(2_500, "room-stem cello distance 0")]
    audio = play_stem(tmp_path, "corridor", events)
    room = load_room("corridor").loudspeakers
    assert room
    for start_ms, place in ((1_200, (0, 8.0)), (2_200, (0, -8.0)), (3_200, (0, 0))):
        away = [math.hypot(one.x_m - place[0], one.y_m - place[1], room.blur_m) for one in room.placed]
        wanted = 1 / np.array(away) / np.linalg.norm(1 / np.array(away))
        np.testing.assert_allclose(gains(audio, "corridor", start_ms), wanted, atol=0.006)


def test_stereo_through_its_file_is_the_stereo_of_always(tmp_path: Path) -> None:
    """Wherever the limiter rests; it joins left and right there, and has one for each here."""
    reels = write_reels(tmp_path, music(6, 0.01))
    heard = []
    preset = load_room("stereo")
    assert preset.loudspeakers
    patch = tmp_path / "loudspeakers.pd"
    write_patch(preset.loudspeakers, preset.title, patch)
    for number, patches in enumerate((STEREO_ROOM, (patch, ROOM))):
        out = tmp_path / f"out-{number}.wav"
        events = [
            Event(0, f"room-start 47310 1000 {pd_symbol(str(tmp_path / 'none.wav'))}"),
            Event(0, "room-control wet 0.3"),
            Event(0, f"room-record start {pd_symbol(str(out))}"),
            *(ready(0, path) for path in reels),
            Event(3_000, "room-record stop"),
        ]
        run_batch(tmp_path, patches, events, out)
        heard.append(soundfile.read(out, dtype="float64")[0])
    start = RATE_HZ // 2  # gains are ramped to their first place
    frames = min(map(len, heard)) - 1_000
    assert np.abs(heard[0][start:frames]).max() > 0.05
    assert np.abs(heard[0][start:frames] - heard[1][start:frames]).max() < 1e-5
