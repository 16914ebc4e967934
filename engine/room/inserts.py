"""Patches of one's own in the way of stems: what can be seen of them before Pure Data opens them.

Pd itself judges how they sound (`pd_patches/room/insert-watch.pd`). Here is only looked for what it would not survive,
or could not say as plainly.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

MOST_BYTES: Final = 1_000_000
_UNREADABLE: Final = re.compile(r"[\\,;$]")
"""Pd takes these apart in the name of an object."""
_STATEMENT: Final = re.compile(r"(?<!\\);\s*")
_CANVAS: Final = re.compile(r"#N canvas -?\d+ -?\d+ -?\d+ -?\d+( |$)")
_CONNECTION: Final = re.compile(r"#X connect \d+ \d+ \d+ \d+$")


def usable_inserts(inserts: Mapping[str, str]) -> dict[str, Path]:
    """Those that Pd may open, by stem."""
    return {stem: Path(path) for stem, path in inserts.items() if not why_unusable(Path(path))}


def unusable_inserts(inserts: Mapping[str, str]) -> list[str]:
    """A line for each that Pd may not open: which stem, which file, why, and what to do."""
    whys = ((stem, path, why_unusable(Path(path))) for stem, path in inserts.items())
    return [f"inserts.{stem}: {path}: {why}" for stem, path, why in whys if why]


def why_unusable(path: Path) -> str:
    """What is wrong with a patch in the way of a stem; empty if nothing is."""
    if path.suffix != ".pd":
        return "expected a Pd patch, whose name ends in .pd"
    if found := _UNREADABLE.search(str(path)):
        return f"Pd opens no file with {found[0]!r} in its path; rename it"
    try:
        if path.stat().st_size > MOST_BYTES:
            return f"larger than {MOST_BYTES // 1_000_000} MB, which no patch is"
        text = path.read_text("utf-8", errors="replace")
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    return _why_no_patch(text)


def _why_no_patch(text: str) -> str:
    statements = [" ".join(one.split()) for one in _STATEMENT.split(text) if one.strip()]
    if not statements or not all(map(_is_sound, statements)) or not statements[0].startswith("#N canvas"):
        return "is no Pd patch, or is damaged; open it in Pd and save it anew"
    if _depth(statements) != 1:
        return "is damaged: a window in it begins or ends nowhere; open it in Pd and save it anew"
    found = list(_top_objects(statements))
    for kind, what in (("inlet~", "let the stem in"), ("outlet~", "let it out")):
        if (count := found.count(kind)) < 2:
            return f"has {count} {kind}; two are needed, left and right, to {what}"
    return ""


def _is_sound(statement: str) -> bool:
    """Whether Pd would survive it: it does not survive every damaged file."""
    words = statement.split(" ")
    if words[0] == "#N":
        return _CANVAS.match(statement) is not None or words[1:2] == ["struct"]
    if words[:2] == ["#X", "connect"]:
        return _CONNECTION.match(statement) is not None
    return words[0] in ("#X", "#A", "#C") and len(words) >= 2


def _depth(statements: list[str]) -> int:
    """Windows that are open at the end; 0 where one is closed that was none."""
    depth = 0
    for statement in statements:
        depth += statement.startswith("#N canvas") - statement.startswith("#X restore")
        if depth < 1:
            return 0
    return depth


def _top_objects(statements: list[str]) -> Iterator[str]:
    """Names of the objects of the outermost window."""
    depth = 0
    for statement in statements:
        words = statement.split(" ")
        if words[:2] == ["#N", "canvas"]:
            depth += 1
        elif words[:2] == ["#X", "restore"]:
            depth -= 1
        elif depth == 1 and words[:2] == ["#X", "obj"] and len(words) > 4:
            yield words[4]
