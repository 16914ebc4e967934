"""Training: a small network learns, stops, goes on, and what it keeps can be played and measured."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.errors import TextureError, WeightsError
from models.textures.audio.mu_law import RATE_HZ
from models.textures.conditioning.contours import SPECTRUM
from models.textures.conditioning.spectral_correction import THIRDS_HZ
from models.textures.corpus.corpus import write_corpus
from models.textures.drawing import TextureDraw, draw_all
from models.textures.evaluation.baselines import baselines
from models.textures.evaluation.evaluation import evaluate
from models.textures.network_file import eras_of, load_network
from models.textures.training.wavenet import Training, TrainingPlan
from models.textures.wavenet.held_out import held_out_bits
from models.textures.wavenet.network import WaveNet
from models.textures.wavenet.sizes import WaveNetSizes
from models.textures.wavenet.streams import Streams, foretold_within, load_pieces

SIZES = WaveNetSizes(layers=4, cycle=4, channels=8, skip_channels=16, head_channels=16, styles=("low", "high"))
PLAN = TrainingPlan(steps=40, streams=2, frames=256, measure_every=20, warm_up=4, rate=1e-2, eras=(("early", 0.5),))


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    rng = np.random.default_rng(1)

    def sound(base_hz: float) -> np.ndarray:
        t = np.arange(3 * RATE_HZ) / RATE_HZ
        partials = [rng.random() * np.sin(2 * np.pi * base_hz * rng.uniform(1, 4) * t) for _ in range(4)]
        return (0.1 * np.sum(partials, axis=0) + 0.01 * rng.standard_normal(len(t))).astype(np.float32)

    base_hz = {"low": 100.0, "high": 600.0}
    names = [f"{style} {number}" for style in base_hz for number in range(16)]
    write_corpus(folder, [(n.split()[0], n, lambda n=n: sound(base_hz[n.split()[0]])) for n in names])
    return folder


@pytest.fixture(scope="module")
def trained(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("net")
    Training(out, corpus, SIZES, PLAN).run(lambda *_: None)
    return out


def test_training_lowers_held_out_bits_and_keeps_eras(trained: Path, corpus: Path) -> None:
    held_out = load_pieces(corpus, SIZES, "held_out")
    torch.manual_seed(1)
    untrained = np.mean(list(held_out_bits(WaveNet(SIZES), held_out, 0.5).values()))
    lines = (trained / "log.csv").read_text().splitlines()
    assert len(lines) == 3
    learnt = float(dict(zip(lines[0].split(","), lines[-1].split(","), strict=True))["held_out_bits"])
    assert learnt < untrained - 0.1  # a forecast is worth most of it from the start
    assert eras_of(str(trained)) == ["early", "late"]
    spectrum = load_network(str(trained)).contours["low" + SPECTRUM]
    assert spectrum[THIRDS_HZ[1:] < 450.0].max() > spectrum[THIRDS_HZ[:-1] > 2000.0].max() + 5.0
    assert {path.name.split("-")[1] for path in (trained / "draws").iterdir()} == {"early", "late"}


def test_an_interrupted_training_goes_on(trained: Path, corpus: Path) -> None:
    again = Training(trained, corpus, SIZES, PLAN)
    assert again.step == PLAN.steps
    with pytest.raises(WeightsError, match="other sizes"):
        Training(trained, corpus, WaveNetSizes(layers=2, cycle=2, channels=8, styles=SIZES.styles), PLAN)


def test_textures_are_the_same_for_any_number_of_threads(trained: Path) -> None:
    network = load_network(str(trained))
    one = draw_all(TextureDraw(network, "low", 6, 0.5, seed=3, scale=(0, 4, 7), threads=1))
    two = draw_all(TextureDraw(network, "low", 6, 0.5, seed=3, scale=(0, 4, 7), threads=2))
    assert all(np.array_equal(a, b) for a, b in zip(one, two, strict=True))
    assert len(one) == 6
    assert len(one[0]) == RATE_HZ // 2
    assert not np.array_equal(one[0], one[1])


def test_the_path_for_a_card_draws_the_same(trained: Path) -> None:
    """After a primer, without which the card's path would draw a second that is thrown away, frame by frame."""
    network = load_network(str(trained))
    torch.set_num_threads(1)
    primer = (0.1 * np.sin(np.arange(RATE_HZ // 4) * 0.05)).astype(np.float32)
    processor, card = (
        draw_all(TextureDraw(network, "low", 3, 0.5, seed=3, scale=(0, 4, 7), primer=primer, device=device))
        for device in ("", "cpu")
    )
    assert all(np.array_equal(a, b) for a, b in zip(processor, card, strict=True))


def test_a_drawing_resumes_from_a_file(trained: Path, tmp_path: Path) -> None:
    network = load_network(str(trained), "early")

    def begin() -> TextureDraw:
        return TextureDraw(network, "high", 2, 0.5, seed=3)

    first, second = begin(), begin()
    first.advance(10)
    first.save(tmp_path / "state.npz")
    assert second.resume(tmp_path / "state.npz")
    assert second.progress == first.progress > 0
    assert np.array_equal(draw_all(second)[1], draw_all(begin())[1])
    (tmp_path / "state.npz").write_bytes(b"nothing")
    assert not begin().resume(tmp_path / "state.npz")


def test_bad_networks_are_named(trained: Path, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="no style 'pads'"):
        TextureDraw(load_network(str(trained)), "pads", 1, 1.0, seed=1)
    with pytest.raises(WeightsError, match="eras there are: early, late"):
        load_network(str(trained), "baroque")
    with pytest.raises(WeightsError, match="textures train"):
        load_network(str(tmp_path))
    whole = (trained / "late.safetensors").read_bytes()
    (tmp_path / "late.safetensors").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(WeightsError, match=r"late\.safetensors"):
        load_network(str(tmp_path))


def test_streams_read_on_where_they_stopped(corpus: Path) -> None:
    pieces = load_pieces(corpus, SIZES, "train")
    streams = Streams(pieces, count=2, frames=512, unconditioned=0.0, seed=1)
    before, after = streams.step(), streams.step()
    for stream in set(range(2)) - set(after.fresh):
        assert before.wanted[-1, stream] == after.given[0, stream]
        assert np.array_equal(after.wanted[:-1, stream], after.given[1:, stream])
    with pytest.raises(TextureError, match="as long as"):
        Streams(pieces, 1, 10**7, 0.0, 1)
    with pytest.raises(TextureError, match="no train pieces of style waltz"):
        load_pieces(corpus, replace(SIZES, styles=("waltz",)), "train")


def test_what_is_heard_may_be_disturbed_but_never_what_is_wanted(corpus: Path) -> None:
    pieces = load_pieces(corpus, SIZES, "train")
    order, readings = SIZES.predictor_order, 12
    streams = Streams(pieces, readings, 512, 0.0, seed=1, predictor_order=order, disturb=True)
    first, second = streams.step(), streams.step()
    going_on = [n for n in range(readings) if n not in second.fresh]
    differs = [n for n in going_on if not np.array_equal(second.given[1:, n], second.wanted[:-1, n])]
    assert 0 < len(differs) < len(going_on)
    known = {p.classes[start : start + 512].tobytes() for p in pieces for start in range(0, len(p.classes), 256)}
    for n in going_on:
        assert second.wanted[:, n].astype(np.uint8).tobytes() in known
        reading = streams.readings[n]
        assert first.foretold is not None
        assert second.foretold is not None
        both = foretold_within(reading.heard, reading.start - 1024, reading.start, order)
        assert both is not None
        assert np.array_equal(np.concatenate([first.foretold[:, n], second.foretold[:, n]]), both)


def test_baselines_know_noise_from_tone() -> None:
    rng = np.random.default_rng(2)
    noise = [rng.integers(0, 256, 20_000).astype(np.uint8) for _ in range(2)]
    found = baselines(noise[:1], noise[1:])
    assert found["entropy"] == pytest.approx(8.0, abs=0.05)
    tone = (128 + 100 * np.sin(np.arange(20_000) * 0.05)).astype(np.uint8)
    learnt = baselines([tone[:15_000]], [tone[15_000:]])
    assert learnt["prediction"] < learnt["entropy"] - 2
    assert learnt["context"] < learnt["entropy"] - 2


def test_a_card_has_every_figure(trained: Path, corpus: Path) -> None:
    figures = evaluate(str(trained), corpus, 0.5, lambda _: None)
    bits, distance = figures["held_out_bits"], figures["distance_db"]
    rows = ("early", "late", "entropy", "context", "prediction")
    assert {f"{row} {style}" for row in rows for style in SIZES.styles} == set(bits)
    assert all(0 < value < 9 for value in bits.values())
    assert {"late low to high", "untrained high to high", "noise to low"} <= set(distance)
