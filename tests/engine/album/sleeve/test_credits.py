"""The credits name everything that a record is made with, and its licence."""

from __future__ import annotations

from pathlib import Path

from engine.album.plan.plan import RecordPlan
from engine.album.plan.sources import DrawnTexture
from engine.album.sleeve.credits import data_of, performers, write_credits


def credits_of(plan: RecordPlan, folder: Path, soundfont: Path | None = None, **sources: object) -> str:
    named = {(1, name): source for name, source in sources.items()}
    write_credits(folder / "credits.md", plan, named, soundfont, "Ameublement 9")  # type: ignore[arg-type]
    return (folder / "credits.md").read_text("utf-8")


def test_who_plays_is_named_once_and_only_who_draws(plan: RecordPlan, tmp_path: Path) -> None:
    assert performers(plan) == ["satie"]
    text = credits_of(plan, tmp_path)
    assert text.count("**satie**") == 1
    assert "licence" in text.split("## Textures")[0].lower(), "of what it learnt from"
    assert "1. Air." in text
    assert "Ameublement 9" in text


def test_a_drawn_texture_says_how_and_a_file_its_name(plan: RecordPlan, tmp_path: Path) -> None:
    drawn = DrawnTexture.__new__(DrawnTexture)
    fields = {"network": "air", "era": "late", "weights_hash": "abc", "style": "pads", "seed": 7}
    for name, value in fields.items():
        object.__setattr__(drawn, name, value)
    text = credits_of(plan, tmp_path, pad=drawn, wind=tmp_path / "wind.wav")
    assert "- track 1, pad: pads, drawn by air late (weights abc), seed 7" in text
    assert "- track 1, wind: wind.wav\n" in text
    assert "**air** " in text, "what that network learnt from"
    assert "none" in credits_of(plan, tmp_path).split("## Textures")[1].split("##")[0]


def test_instruments_are_a_soundfont_with_its_licence_where_that_is_known_or_none(
    plan: RecordPlan, tmp_path: Path
) -> None:
    assert "FluidR3_GM.sf2, MIT licence" in credits_of(plan, tmp_path, Path("/x/FluidR3_GM.sf2"))
    assert "SoundFont mine.sf2.\n" in credits_of(plan, tmp_path, Path("/x/mine.sf2"))
    assert "without a SoundFont" in credits_of(plan, tmp_path)


def test_of_a_card_the_paragraph_with_the_licence_is_told(tmp_path: Path) -> None:
    card = tmp_path / "card.md"
    assert data_of(card) == ""
    card.write_text("# A\n\nIt plays.\n\nLearnt from rolls,\nlicence CC0.\n\nMore.\n", "utf-8")
    assert data_of(card) == "Learnt from rolls, licence CC0."
    card.write_text("# A\n", "utf-8")
    assert data_of(card) == ""


def test_the_header_of_a_card_is_for_programs_and_not_for_credits(plan: RecordPlan, tmp_path: Path) -> None:
    """It names a licence, too, and was once printed as the paragraph."""
    text = credits_of(plan, tmp_path)
    assert "**Data and licence.** Gymnopédies" in text
    assert "nats_per_event" not in text
