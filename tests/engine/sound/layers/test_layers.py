"""Layers in real pyo: every control heard, no clicks, no denormal slowness, nothing that is not a number gets out."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.parameters.effects import effects
from engine.parameters.glide import GLIDING, Glide
from engine.parameters.scaling import gain_of_db
from engine.parameters.sound import SoundSettings
from engine.parameters.stems import BLOCK_FRAMES, LAYERS, SAMPLE_RATE_HZ, STEMS
from engine.sound.layers.guard import silence_nonfinite
from engine.sound.layers.layers import Layers
from engine.sound.layers.manual_server import STEP_FRAMES
from engine.sound.layers.panning import pan_gain, places_of_sides
from engine.sound.layers.quiet_pyo import pyo
from tests.engine.sounds import rms

CELLO, TEXTURE = STEMS.index("cello"), STEMS.index("texture_1")
CHANNELS = 2 * len(LAYERS)
PER_LAYER = tuple(name for effect in effects().values() for name in effect.layer)
DRY = Glide(SoundSettings()).values()
DRY |= {path: 0.0 for path in DRY if path.rsplit("/", 1)[1] in (*PER_LAYER, "pan", "level_db")}


@pytest.fixture
def layers() -> Iterator[Layers]:
    made = Layers(1)
    yield made
    made.close()


def noise(level: float = 0.1, seed: int = 1) -> np.ndarray:
    return (level * np.random.default_rng(seed).standard_normal((CHANNELS, STEP_FRAMES))).astype(np.float32)


def silence() -> np.ndarray:
    return np.zeros((CHANNELS, STEP_FRAMES), dtype=np.float32)


def tone(stem: int, frequency_hz: float, step: int, level: float = 0.1) -> np.ndarray:
    audio = silence()
    place = step * STEP_FRAMES + np.arange(STEP_FRAMES)
    audio[2 * stem : 2 * stem + 2] = level * np.sin(2 * np.pi * frequency_hz * place / SAMPLE_RATE_HZ)
    return audio


def through(layers: Layers, audio: list[np.ndarray], **changes: float) -> np.ndarray:
    """What `layers` make of the steps in `audio`; [frames, CHANNELS]."""
    values = DRY | {path.replace("__", "/"): value for path, value in changes.items()}
    return np.concatenate([layers.process(step.copy(), values, "D") for step in audio])


def stereo(audio: np.ndarray, stem: int | str) -> np.ndarray:
    place = STEMS.index(stem) if isinstance(stem, str) else stem
    return audio[:, 2 * place : 2 * place + 2]


def test_dry_and_flat_a_stem_passes_unchanged_and_stays_in_its_channels(layers: Layers) -> None:
    steps = [tone(CELLO, 440, number) for number in range(6)]
    out = through(layers, steps)
    heard = stereo(out, CELLO)[2 * STEP_FRAMES :]
    assert rms(heard) == pytest.approx(rms(steps[0][2 * CELLO]), rel=0.01)
    assert np.abs(np.delete(out, [2 * CELLO, 2 * CELLO + 1], axis=1)).max() < 1e-6


@pytest.mark.parametrize(
    ("changes", "frequency_hz", "low", "high"),
    [
        ({"/layer/cello/level_db": -6.0}, 440, 0.49, 0.51),
        ({"/layer/cello/level_db": -60.0}, 440, 0.0, 1e-6),
        ({"/layer/cello/highpass_hz": 2000.0}, 200, 0.0, 0.02),
        ({"/layer/cello/lowpass_hz": 300.0}, 6000, 0.0, 0.01),
        ({"/layer/cello/compressor": 1.0}, 440, 0.3, 3.0),
        ({"/layer/cello/reverb": 1.0}, 440, 0.0, 1e-6),
        ({"/layer/cello/tape": 1.0}, 440, 0.3, 1.1),
        ({"/layer/cello/chorus": 1.0}, 440, 0.0, 1.5),
    ],
)
def test_a_control_is_heard_as_its_name_says(
    layers: Layers, changes: dict[str, float], frequency_hz: float, low: float, high: float
) -> None:
    steps = [tone(CELLO, frequency_hz, number) for number in range(24)]
    heard = rms(stereo(through(layers, steps, **changes), CELLO)[16 * STEP_FRAMES :]) / rms(steps[0][2 * CELLO])
    assert low <= heard <= high


def test_pan_moves_and_keeps_the_power_of_a_mono_sound(layers: Layers) -> None:
    steps = [tone(CELLO, 440, number) for number in range(4)]
    left = stereo(through(layers, steps, **{"/layer/cello/pan": -1.0}), CELLO)[2 * STEP_FRAMES :]
    assert np.abs(left[:, 1]).max() < 1e-6
    assert rms(left) == pytest.approx(rms(steps[0][2 * CELLO]), rel=0.01)


@given(st.floats(-1, 1))
def test_any_pan_keeps_the_power_of_a_mono_sound(pan: float) -> None:
    angles = np.array(places_of_sides(pan)) * np.pi / 2  # as pyo.Pan takes them
    sides = pan_gain(pan) * np.array([np.cos(angles).sum(), np.sin(angles).sum()])
    assert (sides**2).sum() == pytest.approx(2.0)


@pytest.mark.parametrize(("stem", "send"), [("far", "reverb"), ("near", "near"), ("echo", "delay")])
def test_a_return_sounds_of_what_is_sent_and_rings_on_after_it(layers: Layers, stem: str, send: str) -> None:
    sending = {f"/layer/cello/{send}": 0.7, "/effects/delay_s": 0.2, "/effects/delay_reverb": 0.0}
    steps = [tone(CELLO, 440, number) for number in range(24)]
    during = through(layers, steps, **sending)
    assert 0.3 < rms(stereo(during, stem)[16 * STEP_FRAMES :]) / rms(steps[0][2 * CELLO]) < 2.0
    after = through(layers, [silence()] * 4, **sending)
    assert rms(stereo(after, stem)[: STEP_FRAMES // 2]) > 5e-3
    others = [number for number, name in enumerate(STEMS) if name not in (stem, "cello")]
    assert max(np.abs(stereo(out, other)).max() for other in others for out in (during, after)) < 1e-6


def test_what_is_not_sent_is_not_heard_in_a_return_while_the_tail_rings_out(layers: Layers) -> None:
    """As with a stem that the room mutes: `sends` falls to 0, the dry sound goes on."""
    steps = [tone(CELLO, 440, number) for number in range(40)]
    before = through(layers, steps[:12], **{"/layer/cello/reverb": 0.5, "/effects/reverb_s": 0.5})
    after = through(
        layers, steps[12:], **{"/layer/cello/reverb": 0.5, "/effects/reverb_s": 0.5, "/layer/cello/sends": 0.0}
    )
    ring = stereo(after, "far")
    assert rms(ring[STEP_FRAMES : 2 * STEP_FRAMES]) > 0.05 * rms(stereo(before, "far")[-STEP_FRAMES:])
    assert rms(ring[-STEP_FRAMES:]) < 1e-4 * rms(stereo(before, "far")[-STEP_FRAMES:])
    level = rms(stereo(before, CELLO)[-STEP_FRAMES:])
    assert rms(stereo(after, CELLO)[-STEP_FRAMES:]) == pytest.approx(level, rel=0.01)


def test_echoes_reach_the_far_room_as_far_as_they_may(layers: Layers) -> None:
    steps = [tone(CELLO, 440, number) for number in range(20)]
    silent, heard = (
        rms(stereo(through(layers, steps, **{"/layer/cello/delay": 1.0, "/effects/delay_reverb": share}), "far"))
        for share in (0.0, 1.0)
    )
    assert silent < 1e-6
    assert heard > 0.01


def test_vocoder_speaks_with_the_drone_and_with_the_texture(layers: Layers) -> None:
    steps = [noise(0.1, number) for number in range(16)]
    for step in steps:
        step[: 2 * CELLO] = step[2 * CELLO + 2 :] = 0.0
    with_drone = stereo(through(layers, steps, **{"/layer/cello/vocoder": 1.0}), CELLO)[8 * STEP_FRAMES :]
    assert 0.01 < rms(with_drone) < 1.0
    for number, step in enumerate(steps):
        step[2 * TEXTURE : 2 * TEXTURE + 2] = tone(TEXTURE, 500, number)[2 * TEXTURE]
    with_texture = stereo(through(layers, steps, **{"/layer/cello/vocoder": 1.0}), CELLO)[8 * STEP_FRAMES :, 0]
    spectrum = np.abs(np.fft.rfft(with_texture)) ** 2
    line = round(500 * with_texture.size / SAMPLE_RATE_HZ)
    assert spectrum[line - 40 : line + 40].sum() > 0.8 * spectrum.sum()


@pytest.mark.parametrize("name", sorted({path.rsplit("/", 1)[1] for path in GLIDING if "/cello/" in path}))
def test_a_jump_of_any_control_makes_no_click(layers: Layers, name: str) -> None:
    """A low sine has a tiny second difference; a click of even -60 dB would tower over it."""
    path = f"/layer/cello/{name}"
    row = {"level_db": (0, -60), "pan": (-1, 1), "highpass_hz": (20, 400), "lowpass_hz": (20000, 400)}
    sending = {} if name in PER_LAYER else {"/layer/cello/reverb": 0.5, "/layer/cello/near": 0.5}
    first, second = row.get(name, (0.0, 1.0))
    out, number = [], 0
    for value in (first, second, first):
        for _ in range(6):
            out.append(layers.process(tone(CELLO, 110, number, 0.2), DRY | sending | {path: float(value)}, "D"))
            number += 1
    heard = np.concatenate(out)[2 * STEP_FRAMES :]
    steps = np.abs(np.diff(heard, 2, axis=0)).max(axis=0)
    most = 0.02 if name == "vocoder" else 1.5e-3
    assert steps[: 2 * len(LAYERS)].max() < most
    assert steps[2 * len(LAYERS) :].max() < 2 * most  # many reflections of one bend come together


def test_a_sleeping_stem_wakes_without_a_click(layers: Layers) -> None:
    through(layers, [silence()] * 30)
    rise = np.linspace(0, 1, STEP_FRAMES, dtype=np.float32)
    heard = stereo(through(layers, [tone(CELLO, 110, 0, 0.2) * rise, tone(CELLO, 110, 1, 0.2)]), CELLO)
    assert rms(heard[STEP_FRAMES:]) == pytest.approx(0.2 / 2**0.5, rel=0.02)
    assert np.abs(np.diff(heard, 2, axis=0)).max() < 1.5e-3


def everything_on() -> dict[str, float]:
    changed = dict.fromkeys(PER_LAYER, 0.4) | {"highpass_hz": 100.0, "lowpass_hz": 8000.0}
    return DRY | {f"/layer/{layer}/{name}": value for layer in LAYERS for name, value in changed.items()}


def best_step_s(layers: Layers, audio: np.ndarray, steps: int) -> float:
    """The quickest of several steps: others on this machine can only make steps slower."""
    values, best = everything_on(), np.inf
    for _ in range(steps):
        start = time.thread_time()
        layers.process(audio.copy(), values, "D")
        best = min(best, time.thread_time() - start)
    return best


@pytest.mark.parametrize("level", [0.0, 1e-19])
def test_silence_is_no_slower_than_sound(layers: Layers, level: float) -> None:
    """Feedback that dies away into denormal numbers would make a step many times slower."""
    ratios = []
    for _ in range(3):  # a machine that is busy elsewhere must not fail this
        before = best_step_s(layers, noise(), 10)
        for _ in range(60):
            layers.process(noise(level), everything_on(), "D")
        silent = best_step_s(layers, noise(level), 20)
        ratios.append(silent / max(before, best_step_s(layers, noise(), 10)))
        if ratios[-1] < 1.6:
            return
    pytest.fail(f"silence takes {min(ratios):.1f} times as long as sound")


def test_harmonizer_of_single_precision_pyo_emits_nan_and_the_guard_catches_it() -> None:
    """The known fault of pyo 1.1.0 that forbids `Harmonizer` in the graph."""
    server = pyo.Server(sr=SAMPLE_RATE_HZ, nchnls=2, buffersize=BLOCK_FRAMES, duplex=0, audio="manual")
    server.setVerbosity(1)
    server.boot()
    server.start()
    shifted = pyo.Harmonizer(pyo.Sine(440), transpo=7)
    table = pyo.NewTable(0.1)
    recorder = pyo.TableRec(shifted, table).play()
    for _ in range(40):
        server.process()
    heard = np.asarray(table.getBuffer())[: 4 * BLOCK_FRAMES].copy()
    server.stop()
    server.shutdown()
    assert recorder is not None
    assert np.isnan(heard).any()
    pair = np.stack([heard, np.zeros_like(heard), np.ones_like(heard), np.ones_like(heard)])
    assert silence_nonfinite(pair) == [0]
    assert (np.abs(pair[:2]).max(), pair[2:].min()) == (0.0, 1.0)


@pytest.mark.parametrize("poison", [np.nan, np.inf, -np.inf])
def test_what_is_not_a_number_is_silenced_counted_and_forgotten(layers: Layers, poison: float) -> None:
    step = tone(CELLO, 440, 0)
    step[0, 17] = poison
    through(layers, [step], **{"/layer/piano/reverb": 0.5})
    assert layers.nonfinite == 1
    after = through(layers, [tone(CELLO, 440, number) for number in range(1, 8)], **{"/layer/piano/reverb": 0.5})
    assert np.isfinite(after).all()
    assert rms(stereo(after, CELLO)) > 0.05
    assert layers.nonfinite == 1


def test_a_graph_gone_bad_is_built_anew(layers: Layers) -> None:
    through(layers, [tone(CELLO, 440, 0)])
    bad = np.full((STEP_FRAMES, 2 * len(STEMS)), 0.1, dtype=np.float32)
    bad[5, 3] = np.nan
    assert np.abs(layers._checked(bad)[:, 2:4]).max() == 0.0
    assert layers.nonfinite == 1
    assert rms(stereo(through(layers, [tone(CELLO, 440, number) for number in range(4)]), CELLO)) > 0.05


def test_same_input_gives_the_same_bits() -> None:
    steps = [noise(0.1, number) for number in range(6)]
    heard = []
    for _ in range(2):
        layers = Layers(1)
        heard.append(through(layers, steps, **everything_on()))
        layers.close()
    assert np.array_equal(*heard)


@given(st.floats(-80, 6))
def test_levels_are_decibels_and_the_lowest_is_silence(level_db: float) -> None:
    gain = gain_of_db(level_db)
    assert gain == 0.0 if level_db <= -60 else gain == pytest.approx(10 ** (level_db / 20))
