"""All files below a folder."""

from pathlib import Path

from engine.files.walking import files_below


def test_links_are_followed_once_and_hidden_files_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    for name in ("a/one", "a/b/two", "a/.three"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "a" / "b" / "circle").symlink_to(tmp_path / "a", target_is_directory=True)
    said: list[str] = []
    found = list(files_below(tmp_path, lambda _, why: said.append(why)))
    assert [str(path.relative_to(tmp_path)) for path in found] == ["a/b/two", "a/one"]
    assert said == []
