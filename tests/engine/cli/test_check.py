"""`check` tells whether the installation could play, and what to do if not."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.cli import check
from engine.cli.__main__ import main
from engine.osc.port import LOOPBACK, OscPort


def findings(**others: object) -> dict[str, check.Finding]:
    arguments: dict[str, object] = {"soundfont": None, "textures": Path("/none"), "port": 19_100, **others}
    return {finding.name: finding for finding in check.examine(**arguments)}  # type: ignore[arg-type]


def test_here_it_could_play(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["check"])
    assert exit_.value.code in (0, None)
    said = capsys.readouterr().out
    for part in ("Pure Data", "SoundFont", "FluidSynth", "weights", "moods", "textures", "disk", "memory", "can play"):
        assert part in said


def test_without_pure_data_it_could_not(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(SystemExit) as exit_:
        main(["check"])
    assert exit_.value.code == 1
    said = capsys.readouterr().out
    assert "✗ Pure Data" in said
    assert "make setup" in said


def test_what_is_missing_but_not_needed_is_noted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(check, "find_soundfont", lambda _: None)
    monkeypatch.delenv("DISPLAY", raising=False)
    found = findings(textures=tmp_path)
    for name in ("SoundFont", "screen"):
        assert found[name].verdict == "note"
        assert found[name].cure
    assert found["textures"].verdict == "good"  # those that come along
    assert all(finding.verdict != "bad" for finding in found.values())


def test_a_soundfont_that_is_none_could_not_play(tmp_path: Path) -> None:
    (tmp_path / "x.sf2").write_text("no")
    assert findings(soundfont=tmp_path / "x.sf2")["SoundFont"].verdict == "bad"


def test_a_taken_port_is_noted() -> None:
    taken = OscPort(LOOPBACK, 0)
    assert findings(port=taken.port)["ports"].verdict == "note"
    taken.close()


def test_sound_cards_are_read_out_of_what_pd_lists() -> None:
    listed = ["audio input devices:", "1. Mic", "audio output devices:", "1. HDA Intel", "2. USB Audio", "API number 1"]
    assert list(check._section(listed, "audio output devices")) == ["1. HDA Intel", "2. USB Audio"]
