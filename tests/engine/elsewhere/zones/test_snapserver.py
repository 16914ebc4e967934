"""What snapserver is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.elsewhere.zones import snapserver
from engine.elsewhere.zones.snapserver import check_snapserver, make_pipes, pipe_path, write_configuration
from engine.errors import AmeublementError
from engine.parameters.elsewhere import Zone

ZONES = {"foyer": Zone(stems=("piano",)), "stairs": Zone(stems=("bells",), mono=True)}


def test_each_zone_is_a_stream_and_control_is_for_this_machine_alone(tmp_path: Path) -> None:
    text = write_configuration(tmp_path, ZONES, 4_704).read_text("utf-8")
    assert f"source = pipe://{tmp_path}/foyer.pipe?name=foyer&mode=read&codec=pcm&sampleformat=48000:16:2" in text
    assert "name=stairs&mode=read&codec=pcm&sampleformat=48000:16:1" in text
    control = text[text.index("[tcp]") : text.index("[stream]")]
    assert "bind_to_address = 127.0.0.1" in control
    assert "port = 4705" in control


def test_pipes_are_made_once_and_what_is_none_is_replaced(tmp_path: Path) -> None:
    pipe_path(tmp_path, "foyer").write_text("no pipe", "utf-8")
    for _ in range(2):
        make_pipes(tmp_path, ZONES)
    assert all(pipe_path(tmp_path, name).is_fifo() for name in ZONES)


def test_where_there_is_no_snapserver_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapserver.shutil, "which", lambda _: None)
    with pytest.raises(AmeublementError, match="apt install snapserver"):
        check_snapserver()
