"""Reads .pd files as far as tests need: which boxes are where, and what is connected to what."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

CHARACTER_WIDTH = {10: 6.0, 12: 7.0}
LINE_HEIGHT = {10: 13.0, 12: 16.0}
GUI = frozenset({"cnv", "hsl", "vsl", "tgl", "bng", "nbx", "vu", "hradio", "vradio"})
COMMENT_CHARACTERS = 60
"""Where Pd wraps a comment that says nothing else."""


@dataclass(frozen=True)
class Box:
    """One box; `kind` is obj, msg, text, floatatom, symbolatom or restore (a subpatch)."""

    kind: str
    x: float
    y: float
    text: str
    width: float
    height: float

    @property
    def is_gui(self) -> bool:
        return self.kind == "obj" and self.text.split(" ", 1)[0] in GUI

    def overlaps(self, other: Box) -> bool:
        across = self.x < other.x + other.width and other.x < self.x + self.width
        return across and self.y < other.y + other.height and other.y < self.y + self.height


@dataclass
class Canvas:
    """A window: its boxes in order, and cords as (from, outlet, to, inlet)."""

    name: str
    font: int
    width: float
    height: float
    boxes: list[Box] = field(default_factory=list)
    cords: list[tuple[int, int, int, int]] = field(default_factory=list)
    kept: list[list[str]] = field(default_factory=list)
    """What `text define -k` boxes keep in the patch, as lines."""


def read_patch(path: Path) -> list[Canvas]:
    """Every canvas of a patch, the outermost last."""
    done: list[Canvas] = []
    stack: list[Canvas] = []
    for statement in re.split(r"(?<!\\);\n", path.read_text()):
        words = statement.strip().replace("\n", " ").split(" ")
        if words[0] == "#N":
            font = int(words[6]) if len(words) == 7 and not stack else stack[0].font if stack else 12
            name = f"{path.name} {words[6]}" if stack else path.name
            stack.append(Canvas(name, font, float(words[4]), float(words[5])))
        elif words[:2] == ["#X", "connect"]:
            one, outlet, other, inlet = map(int, words[2:6])
            stack[-1].cords.append((one, outlet, other, inlet))
        elif words[:2] == ["#A", "set"]:
            stack[-1].kept.append([line for line in re.split(r" *\\; *", " ".join(words[2:])) if line.strip(" ;")])
        elif words[:2] == ["#X", "restore"]:
            done.append(stack.pop())
            stack[-1].boxes.append(_box("restore", words[2:], stack[-1].font))
        elif words[0] == "#X" and words[1] in ("obj", "msg", "text", "floatatom", "symbolatom"):
            stack[-1].boxes.append(_box(words[1], words[2:], stack[-1].font))
    return [*done, *stack]


def _box(kind: str, words: list[str], font: int) -> Box:
    x, y, text = float(words[0]), float(words[1]), " ".join(words[2:])
    columns = 0
    if found := re.search(r", f (\d+)$", text):
        columns, text = int(found[1]), text[: found.start()]
    shown = re.sub(r"\\(.)", r"\1", re.sub(r" \\([,;])", r"\1", text)) or "12345"
    wrap = columns or COMMENT_CHARACTERS
    longest, lines = _wrapped(shown, wrap)
    if kind in ("floatatom", "symbolatom"):
        longest, lines = int(words[2]), 1
    width = (columns or longest) * CHARACTER_WIDTH[font] + 4
    return Box(kind, x, y, text, width, lines * LINE_HEIGHT[font] + 4)


def _wrapped(text: str, columns: int) -> tuple[int, int]:
    """Length of the longest line and number of lines when broken at spaces, and after semicolons as Pd does."""
    lines = [""]
    for word in text.strip().split(" "):
        if lines[-1] and (lines[-1].endswith(";") or len(lines[-1]) + 1 + len(word) > columns):
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return max(map(len, lines)), len(lines)
