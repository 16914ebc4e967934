"""Short names for contents: another content, another name."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.journal import fingerprints
from engine.journal.fingerprints import engine_fingerprint, excerpt_fingerprint, file_fingerprint


@pytest.mark.parametrize("of", [file_fingerprint, excerpt_fingerprint])
def test_a_copy_has_the_same_and_a_byte_more_another(of: object, tmp_path: Path) -> None:
    one, copy, longer = (tmp_path / name for name in "abc")
    one.write_bytes(b"x" * 5000)
    copy.write_bytes(b"x" * 5000)
    longer.write_bytes(b"x" * 5001)
    names = [of(path) for path in (one, copy, longer)]  # type: ignore[operator]
    assert names[0] == names[1] != names[2]
    assert len(names[0]) == 16


def test_every_byte_counts_and_of_excerpts_those_at_the_ends_and_in_the_middle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fingerprints, "_PIECE_BYTES", 10)
    path = tmp_path / "sounds.sf2"

    def names(changed: int) -> tuple[str, str]:
        contents = bytearray(100)
        contents[changed] = 1
        path.write_bytes(contents)
        return file_fingerprint(path), excerpt_fingerprint(path)

    whole, excerpts = zip(*(names(changed) for changed in (5, 30, 55, 80, 95)), strict=True)
    assert len(set(whole)) == 5
    assert excerpts[1] == excerpts[3], "between the excerpts nobody looks"
    assert len(set(excerpts)) == 4


def test_the_engine_is_its_files_by_name_and_content(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.py").write_text("one")
    (tmp_path / "sub" / "b.py").write_text("two")
    first = engine_fingerprint(tmp_path)
    (tmp_path / "notes.txt").write_text("no code")
    assert engine_fingerprint(tmp_path) == first
    (tmp_path / "sub" / "b.py").write_text("three")
    assert engine_fingerprint(tmp_path) != first
    (tmp_path / "sub" / "b.py").write_text("two")
    (tmp_path / "a.py").rename(tmp_path / "c.py")
    assert engine_fingerprint(tmp_path) != first
