"""Training: small networks learn, stop, go on, and what they keep can be played and measured."""

from __future__ import annotations

import csv
import itertools
import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from engine.errors import TextureError, WeightsError
from models.textures.audio.mu_law import RATE_HZ
from models.textures.corpus.corpus import write_corpus
from models.textures.corpus.reverberation import RATE_HZ as CORPUS_RATE_HZ
from models.textures.drawing import TextureDraw, draw_all
from models.textures.evaluation.evaluation import Extent, evaluate, in_a_table
from models.textures.network_file import eras_of, load_network, save_network
from models.textures.products.panels import random_parameters
from models.textures.sampling_preset import SamplingPreset
from models.textures.spectral.codec import CodecSizes
from models.textures.training import calibration, timed_run, together
from models.textures.training.codec import CodecPlan, CodecTraining
from models.textures.training.pieces import prepared
from models.textures.training.together import Sizes, Together
from models.textures.waveform.training_streams import TrainingStreams
from tests.models.textures.small_networks import CODEC_SIZES, PLAN_SIZES, SAMPLERNN_SIZES, WAVENET_SIZES

STYLES = ("low", "high")
SIZES = Sizes(
    CODEC_SIZES,
    replace(PLAN_SIZES, styles=STYLES),
    replace(WAVENET_SIZES, styles=STYLES),
    replace(SAMPLERNN_SIZES, styles=STYLES),
)
MINUTES = 0.5
"""Thirty steps, on the clock below."""


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    rng = np.random.default_rng(1)

    def sound(base_hz: float) -> np.ndarray:
        t = np.arange(5 * CORPUS_RATE_HZ // 2)[:, None] / CORPUS_RATE_HZ
        partials = [rng.random() * np.sin(2 * np.pi * base_hz * rng.uniform(1, 4) * t) for _ in range(4)]
        return (0.1 * np.sum(partials, axis=0) + 0.01 * rng.standard_normal((len(t), 2))).astype(np.float32)

    base_hz = {"low": 100.0, "high": 600.0}
    names = [f"{style} {number}" for style in base_hz for number in range(29)]
    write_corpus(folder, [(n.split()[0], n, lambda n=n: sound(base_hz[n.split()[0]])) for n in names])
    return folder


@pytest.fixture(scope="module")
def trained(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """On a clock on which every step takes a second, so that as much is learnt on any machine."""
    out, seconds = tmp_path_factory.mktemp("net"), itertools.count()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timed_run, "time", SimpleNamespace(monotonic=lambda: float(next(seconds))))
        Together(out, corpus, SIZES, MINUTES).run(lambda *_: None)
    return out


def test_every_network_learns_and_keeps_its_eras(trained: Path) -> None:
    for name in ("air", "haze", "spectra"):
        assert eras_of(str(trained / name)) == ["early", "middle", "late"]
        assert int(load_network(str(trained / name)).about["steps"]) > 0


def test_an_interrupted_training_goes_on(trained: Path, corpus: Path) -> None:
    again = Together(trained, corpus, SIZES, MINUTES)
    steps = load_network(str(trained / "spectra")).about["steps"]
    again.run(lambda *_: pytest.fail("nothing is left to learn"), ["plan"])
    assert load_network(str(trained / "spectra")).about["steps"] == steps
    with pytest.raises(WeightsError, match="other sizes"):
        CodecTraining(trained, again.train, again.held_out, CodecSizes(fine=16), CodecPlan())


def test_what_a_plan_writes_is_counted_where_pieces_are_long_enough(
    trained: Path, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(trained, tmp_path / "net")
    monkeypatch.setattr(together, "calibration", partial(calibration.calibration, streams=2, last=20))
    monkeypatch.setattr(together, "usual_preset", lambda _: SamplingPreset(calibration=1.0))
    again = Together(tmp_path / "net", corpus, SIZES, MINUTES)
    again.run(lambda *_: None, ["calibration"])
    assert load_network(str(tmp_path / "net" / "spectra")).plan.calibration == {}, "they last 2.5 s"
    for module in (together, calibration):
        monkeypatch.setattr(module, "FIRST", 4)
    again.run(lambda *_: None, ["calibration"])
    found = load_network(str(tmp_path / "net" / "spectra")).plan.calibration
    assert set(found) == set(STYLES)
    assert all(np.isfinite(bias).all() and bias.any() for bias in found.values())


def test_a_codec_comes_back_nearer_with_learning(trained: Path, corpus: Path, tmp_path: Path) -> None:
    pieces = Together(trained, corpus, SIZES, MINUTES)
    learner = CodecTraining(tmp_path, pieces.train, pieces.held_out, SIZES.codec, CodecPlan(batch=4, measure_every=30))
    first = learner.learn()
    for learner.step in range(1, 31):
        last = learner.learn()
    learner.record(last)
    assert last < 0.8 * first
    with (tmp_path / "codec.csv").open(encoding="utf-8") as file:
        row = next(csv.DictReader(file))
    assert float(row["held_out_db"]) < first
    assert 0.0 < float(row["used"]) <= 1.0


@pytest.mark.parametrize("name", ["air", "haze", "spectra"])
def test_textures_are_the_same_for_any_number_of_threads(trained: Path, name: str) -> None:
    network = load_network(str(trained / name))
    one = draw_all(TextureDraw(network, "low", 3, 0.5, seed=3, scale=(0, 4, 7), threads=1))
    two = draw_all(TextureDraw(network, "low", 3, 0.5, seed=3, scale=(0, 4, 7), threads=2))
    assert all(np.array_equal(a, b) for a, b in zip(one, two, strict=True))
    assert one[0].shape == ((RATE_HZ // 2,) if name != "spectra" else (CORPUS_RATE_HZ // 2, 2))
    assert not np.array_equal(one[0], one[1])
    assert np.isfinite(one[0]).all()


SAME_FRAMES = 64


@pytest.mark.parametrize("name", ["air", "haze"])
def test_the_path_for_a_card_draws_the_same(trained: Path, name: str) -> None:
    network = load_network(str(trained / name))

    def first_classes(device: str) -> np.ndarray:
        draw = TextureDraw(network, "low", 3, 0.5, seed=3, scale=(0, 4, 7), device=device)
        while not draw.voices or draw.voices[0].frame < SAME_FRAMES:
            draw.advance()
        return draw.voices[0].classes[:SAME_FRAMES]

    # A product rounded otherwise makes another class sooner or later, and then all after it.
    assert np.array_equal(first_classes(""), first_classes("cpu"))


@pytest.mark.parametrize(("name", "steps"), [("air", 2), ("air", 12), ("haze", 12), ("spectra", 2)])
def test_a_drawing_resumes_from_a_file(trained: Path, tmp_path: Path, name: str, steps: int) -> None:
    network = load_network(str(trained / name), "early")

    def begin() -> TextureDraw:
        return TextureDraw(network, "high", 2, 0.5, seed=3)

    first, second = begin(), begin()
    for _ in range(steps):
        first.advance(2)
    first.save(tmp_path / "state.npz")
    assert second.resume(tmp_path / "state.npz")
    assert second.progress > 0
    assert np.array_equal(draw_all(second)[1], draw_all(begin())[1])
    (tmp_path / "state.npz").write_bytes(b"nothing")
    assert not begin().resume(tmp_path / "state.npz")


def test_bad_networks_are_named(trained: Path, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="no style 'pads'"):
        TextureDraw(load_network(str(trained / "air")), "pads", 1, 1.0, seed=1)
    with pytest.raises(WeightsError, match="eras there are: early, middle, late"):
        load_network(str(trained / "air"), "baroque")
    with pytest.raises(WeightsError, match="textures train"):
        load_network(str(tmp_path))
    for name in ("air", "spectra"):
        whole = (trained / name / "late.safetensors").read_bytes()
        (tmp_path / "late.safetensors").write_bytes(whole[: len(whole) // 2])
        with pytest.raises(WeightsError, match=r"late\.safetensors"):
            load_network(str(tmp_path))
    unplanned = replace(SIZES.wavenet, told=0)
    save_network(tmp_path, "late", random_parameters(unplanned, np.random.default_rng(1)), unplanned, {})
    with pytest.raises(WeightsError, match="without a plan, as earlier versions had"):
        load_network(str(tmp_path))


def test_streams_read_on_where_they_stopped(trained: Path, corpus: Path) -> None:
    pieces = prepared(corpus, trained, STYLES, "train", lambda _: None)
    streams = TrainingStreams(pieces, count=12, frames=512, unconditioned=0.3, seed=1, order=256, styles=2)
    before, after = streams.step(), streams.step()
    going_on = [n for n in range(12) if n not in after.fresh]
    for n in going_on:
        reading = streams.readings[n]
        start = (reading.first + reading.at) * 256 - 512
        assert np.array_equal(after.wanted[:, n], reading.piece.classes[start : start + 512])
        assert np.array_equal(after.given[:, n], reading.heard[start - 1 : start + 511])
    unconditioned = [n for n in range(12) if not before.conditions[:, n].any()]
    assert 0 < len(unconditioned) < 12
    assert (before.predicted[:, unconditioned] == 512).all()
    clean = [n for n in going_on if np.array_equal(after.given[1:, n], after.wanted[:-1, n])]
    assert 0 < len(clean) < len(going_on)


def test_a_corpus_that_lacks_a_style_is_named(trained: Path, corpus: Path) -> None:
    with pytest.raises(TextureError, match="no train pieces of style waltz"):
        prepared(corpus, trained, ("low", "waltz"), "train", lambda _: None)


@pytest.mark.parametrize(("name", "styles"), [("haze", STYLES), ("spectra", STYLES[:1])])
def test_a_card_has_every_row(trained: Path, corpus: Path, name: str, styles: tuple[str, ...]) -> None:
    extent = Extent(3, 1.0, styles, eras=("late",))
    rows, bodies = evaluate(str(trained / name), corpus, corpus, extent, lambda _: None)
    assert {(row.what, row.style) for row in rows} == {
        (what, style) for what in bodies if what != "real" for style in styles
    }
    assert ("its waves untrained, same plan" in bodies) == (name == "haze")
    real = [row for row in rows if row.what == "another real corpus"]
    noise = [row for row in rows if row.what == "white noise in its place"]
    assert all(row.nearest == row.style for row in real)
    assert all(a.distance_db[a.style] > b.distance_db[b.style] for a, b in zip(noise, real, strict=True))
    assert in_a_table(rows).count("\n") == len(rows) + 2


def test_a_corpus_with_too_little_to_measure_on_is_named_before_anything_is_drawn(
    trained: Path, tmp_path: Path
) -> None:
    rng = np.random.default_rng(2)
    sounds = [(0.1 * rng.standard_normal((3 * CORPUS_RATE_HZ, 2))).astype(np.float32) for _ in range(3)]
    write_corpus(tmp_path, [("low", str(number), lambda sound=sound: sound) for number, sound in enumerate(sounds)])
    said: list[str] = []
    with pytest.raises(TextureError, match="held-out pieces of style low: 1, expected 4 or more"):
        evaluate(str(trained / "spectra"), tmp_path, None, Extent(4, 2.0, ("low",)), said.append)
    assert not said
