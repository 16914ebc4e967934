"""The address table as OSCQuery: JSON over HTTP, for programs that find out by themselves what can be controlled.

After the OSCQuery proposal (third revision, https://github.com/Vidvox/OSCQueryProposal). It only reads: a path of a
request is an OSC address that is looked up in the table, and never a file's.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

from engine.parameters.address import Address, Value
from engine.parameters.addresses import TABLE
from engine.version import VERSION

Node = dict[str, Any]
ATTRIBUTES: Final = ("FULL_PATH", "CONTENTS", "TYPE", "VALUE", "RANGE", "ACCESS", "DESCRIPTION", "UNIT")
READ, WRITE = 1, 2


class Namespace:
    """`values()` gives what is set, `shown()` what was last reported, both by address, in any thread."""

    def __init__(
        self,
        osc_port: int,
        values: Callable[[], Mapping[str, Value]],
        shown: Callable[[], Mapping[str, tuple[object, ...]]],
    ) -> None:
        self._osc_port, self._values, self._shown = osc_port, values, shown

    def answer(self, path: str, query: str) -> tuple[int, Node]:
        """HTTP status and JSON for a path and what stands after its question mark."""
        attribute = query.split("=", maxsplit=1)[0].upper()
        if attribute == "HOST_INFO":
            return 200, self._host_info()
        if attribute and attribute not in ATTRIBUTES:
            return 400, {"error": f"{query}: there is no such attribute; there are HOST_INFO, {', '.join(ATTRIBUTES)}"}
        values = {path: (value,) for path, value in self._values().items()}
        node = node_at(path, {**self._shown(), **values})
        if node is None:
            return 404, {"error": f"{path} is no address here"}
        if not attribute:
            return 200, node
        return (200, {attribute: node[attribute]}) if attribute in node else (204, {})

    def _host_info(self) -> Node:
        known = {name: True for name in ATTRIBUTES if name not in ("FULL_PATH", "CONTENTS", "TYPE")}
        return {
            "NAME": f"Ameublement {VERSION}",
            "OSC_PORT": self._osc_port,
            "OSC_TRANSPORT": "UDP",
            "EXTENSIONS": {**known, "LISTEN": False, "PATH_CHANGED": False},
        }


def node_at(path: str, values: Mapping[str, tuple[object, ...]]) -> Node | None:
    """The node at an address, with all below it; None where there is none."""
    path = "/" + path.strip("/")
    tree: Any = _tree()
    for name in path.strip("/").split("/") if path != "/" else ():
        tree = tree.get(name)
        if tree is None:
            return None
    return _node(path, tree, values)


@cache
def _tree() -> dict[str, Any]:
    """Names below names, as far as the addresses go."""
    tree: dict[str, Any] = {}
    for path in TABLE:
        if path.upper().rsplit("/", 1)[1] == path.rsplit("/", 1)[1]:
            continue  # a name that stands for others, as in /sensor/SENSOR
        below = tree
        for name in path.strip("/").split("/"):
            below = below.setdefault(name, {})
    return tree


def _node(path: str, tree: Mapping[str, Any], values: Mapping[str, tuple[object, ...]]) -> Node:
    node: Node = {"FULL_PATH": path}
    if row := TABLE.get(path):
        node |= _method(row)
        if row.kind == "report" or path in values:
            node["ACCESS"] |= READ
        if path in values:
            node["VALUE"] = list(values[path])
            node["TYPE"] = _types(row, len(values[path]))
        if row.unit:
            node["UNIT"] = [row.unit] * len(node["TYPE"])
    else:
        node["ACCESS"] = 0
    if tree:
        below = path.rstrip("/")
        node["CONTENTS"] = {name: _node(f"{below}/{name}", inside, values) for name, inside in tree.items()}
    return node


def _method(row: Address) -> Node:
    """What stays the same of an address. One that takes nothing has the type of OSC's nil."""
    node: Node = {
        "TYPE": row.types.replace("*", "") or "N",
        "ACCESS": 0 if row.kind == "report" else WRITE,
        "DESCRIPTION": row.about,
    }
    if row.choices:
        node["RANGE"] = [{"VALS": list(row.choices)}]
    elif row.low is not None and row.high is not None:
        whole = row.kind != "float"
        node["RANGE"] = [{"MIN": int(row.low) if whole else row.low, "MAX": int(row.high) if whole else row.high}]
    return node


def _types(row: Address, count: int) -> str:
    """The types of `count` values: the last type of a list as often as there is something in it."""
    if not row.types.endswith("*"):
        return row.types
    fixed, repeated = row.types[:-2], row.types[-2]
    return fixed + repeated * (count - len(fixed))


def as_json(node: Node) -> bytes:
    return json.dumps(node, ensure_ascii=False, allow_nan=False).encode()
