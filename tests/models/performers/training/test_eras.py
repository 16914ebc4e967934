"""Eras are kept when their time has come, once, and can be named."""

from pathlib import Path

import pytest

from models.common import weights as weight_files
from models.common.weights import FILE_NAME, weights_path
from models.performers.training.eras import Eras


def test_eras_are_kept_once_as_the_weights_were_then(tmp_path: Path) -> None:
    worked_s = [0.0]

    def save() -> None:
        (tmp_path / FILE_NAME).write_text(f"after {worked_s[0]:g} s")

    eras = Eras(tmp_path, 100.0)
    for second in range(101):
        worked_s[0] = float(second)
        eras.look(float(second), save)
    assert (tmp_path / "early.safetensors").read_text() == "after 15 s"
    assert (tmp_path / "middle.safetensors").read_text() == "after 45 s"
    Eras(tmp_path, 100.0).look(99.0, save)
    assert (tmp_path / "early.safetensors").read_text() == "after 15 s"


def test_an_era_is_a_performer_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weight_files, "weights_folders", lambda: (tmp_path,))
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "early.safetensors").write_bytes(b"")
    assert weights_path("mine/early") == tmp_path / "mine" / "early.safetensors"
    assert weights_path("mine") == tmp_path / "mine" / FILE_NAME
    assert weights_path(str(tmp_path / "mine" / "early")) == tmp_path / "mine" / "early.safetensors"
