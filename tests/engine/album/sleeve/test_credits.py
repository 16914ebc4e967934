"""The credits name everything that a record is made with, each once, and its licence."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.album.plan.plan import RecordPlan
from engine.album.plan.sources import DrawnTexture
from engine.album.sleeve.credits import _KINDS, ATTRIBUTIONS, performers, write_credits
from models.common.card_header import CardHeader, with_header
from models.textures.network_file import KINDS


def credits_of(plan: RecordPlan, folder: Path, soundfont: Path | None = None, **sources: object) -> str:
    named = {(1, name): source for name, source in sources.items()}
    write_credits(folder / "credits.md", plan, named, soundfont, "Ameublement 9")  # type: ignore[arg-type]
    return (folder / "credits.md").read_text("utf-8")


def test_who_plays_is_named_once_and_only_who_draws(plan: RecordPlan, tmp_path: Path) -> None:
    assert performers(plan) == ["satie"]
    text = credits_of(plan, tmp_path)
    assert text.count("**satie**") == 1
    assert "- **satie**, a Performance RNN, on tracks 1 and 2; weights " in text
    assert text.count("- satie: Gymnopédies 1 and 2") == 1
    assert "1. **Air.**" in text
    assert "Ameublement 9" in text


def test_a_network_of_textures_is_named_once_however_much_it_drew(plan: RecordPlan, tmp_path: Path) -> None:
    drawn = DrawnTexture.__new__(DrawnTexture)
    fields = {"network": "air", "era": "late", "weights_hash": "abc", "style": "pads", "seed": 7}
    for name, value in fields.items():
        object.__setattr__(drawn, name, value)
    text = credits_of(plan, tmp_path, pad=drawn, other=drawn, wind=tmp_path / "wind.wav")
    assert text.count("**air**") == 1
    assert "**air**, a WaveNet; weights abc." in text
    assert "- air: sounds rendered with FluidR3" in text
    assert "- track 1, pad: pads, drawn by air (late, seed 7)" in text
    assert "- track 1, wind: wind.wav\n" in text
    assert "None." in credits_of(plan, tmp_path).split("## The air")[1].split("##")[0]


def test_every_kind_of_network_of_textures_has_a_name_for_people() -> None:
    assert set(KINDS) <= set(_KINDS)


def test_instruments_are_recordings_by_maker_and_a_soundfont(plan: RecordPlan, tmp_path: Path) -> None:
    text = credits_of(plan, tmp_path, Path("/usr/share/sounds/sf2/FluidR3_GM.sf2"))
    assert "recorded by Alexander Holm, CC BY 3.0." in text
    assert "SoundFont FluidR3_GM.sf2, by Frank Wen and others, under the MIT licence." in text
    assert "SoundFont mine.sf2.\n" in credits_of(plan, tmp_path, Path("/x/mine.sf2"))
    assert "without a SoundFont" in credits_of(plan, tmp_path)


def test_each_licence_that_is_named_is_explained_once_and_no_other(plan: RecordPlan, tmp_path: Path) -> None:
    text = credits_of(plan, tmp_path, Path("/usr/share/sounds/sf2/FluidR3_GM.sf2"))
    before, after = text.split("## Licences")
    for name, words in ATTRIBUTIONS.items():
        assert after.count(words) == (1 if name in before else 0)
    assert ATTRIBUTIONS["CC BY 3.0"] in after
    assert ATTRIBUTIONS["CC BY 3.0"] not in credits_of(plan, tmp_path), "nothing recorded plays there"


def test_who_was_overfitted_on_purpose_is_said_to_be(
    plan: RecordPlan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = credits_of(plan, tmp_path)
    assert "on purpose" not in text
    assert "nats_per_event" not in text, "the head of a card is for programs"
    header = CardHeader(network="piano_transformer", data="five songs", licence="CC0", by_heart="five songs by Satie")
    (tmp_path / "card.md").write_text(with_header(header, "# x"), "utf-8")
    (tmp_path / "weights.safetensors").write_bytes(b"x")
    monkeypatch.setattr("engine.album.sleeve.credits.weights_path", lambda name: tmp_path / "weights.safetensors")
    text = credits_of(plan, tmp_path)
    assert "overfitted on purpose: what it plays are variations of five songs by Satie," in text
    assert "- satie: five songs (CC0)." in text
