"""The address table as OSCQuery: JSON for programs that find out by themselves what can be controlled.

After the OSCQuery proposal (third revision, https://github.com/Vidvox/OSCQueryProposal). It only reads: a path of a
request is an OSC address that is looked up in the table, and never a file's. Three attributes go beyond the proposal:
CURVE ("log" where a fader is logarithmic), SUGGESTIONS (texts that make sense where others may be typed), and DEFAULT.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from engine.hub.oscquery.roles import Role, may_set
from engine.hub.pages import choices_of, place_on_pages
from engine.parameters.address import Address
from engine.parameters.addresses import TABLE
from engine.version import VERSION

Node = dict[str, Any]
Values = Mapping[str, tuple[object, ...]]
"""What was last heard of each address."""

REQUIRED: Final = ("FULL_PATH", "CONTENTS", "TYPE")
OPTIONAL: Final = ("ACCESS", "VALUE", "RANGE", "DESCRIPTION", "TAGS", "CLIPMODE", "UNIT")
OWN: Final = ("CURVE", "SUGGESTIONS", "DEFAULT")
ATTRIBUTES: Final = (*REQUIRED, *OPTIONAL, *OWN)
NOT_HERE: Final = (
    *("EXTENDED_TYPE", "CRITICAL", "OVERLOADS"),
    *("PATH_CHANGED", "PATH_ADDED", "PATH_RENAMED", "PATH_REMOVED"),
)
READ, WRITE = 1, 2


def answer(path: str, query: str, values: Values, role: Role = Role.SERVICE) -> tuple[int, Node]:
    """HTTP status and JSON for a path and an attribute; without one, the node and all below it.

    404: no such address; 400: no such attribute; 204: this node has none of it.
    """
    attribute = query.split("=", maxsplit=1)[0].upper()
    if attribute and attribute not in ATTRIBUTES:
        return 400, {"error": f"{query}: there is no such attribute; there are HOST_INFO, {', '.join(ATTRIBUTES)}"}
    node = node_at(path, values, role)
    if node is None:
        return 404, {"error": f"{path} is no address here"}
    if not attribute:
        return 200, node
    return (200, {attribute: node[attribute]}) if attribute in node else (204, {})


def host_info(osc_port: int, role: Role) -> Node:
    """What the server is and can do; nothing is said to be there that is not."""
    return {
        "NAME": f"Ameublement {VERSION}",
        "OSC_PORT": osc_port,
        "OSC_TRANSPORT": "UDP",
        "ROLE": role.word,
        "EXTENSIONS": {
            **dict.fromkeys((*OPTIONAL, *OWN, "LISTEN", "HTML"), True),
            **dict.fromkeys(NOT_HERE, False),
        },
    }


def node_at(path: str, values: Values, role: Role = Role.SERVICE) -> Node | None:
    """The node at an address, with all below it; None where there is none."""
    path = "/" + path.strip("/")
    tree: Any = _tree()
    for name in path.strip("/").split("/") if path != "/" else ():
        tree = tree.get(name)
        if tree is None:
            return None
    return _node(path, tree, values, role)


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


def _node(path: str, tree: Mapping[str, Any], values: Values, role: Role) -> Node:
    node: Node = {"FULL_PATH": path}
    if row := TABLE.get(path):
        node |= _method(row)
        node["ACCESS"] = (WRITE if may_set(role, path) else 0) | (READ if row.kind == "report" or path in values else 0)
        if path in values:
            node["VALUE"] = list(values[path])
            node["TYPE"] = _types(row, len(values[path]))
        if row.unit:
            node["UNIT"] = [row.unit] * len(node["TYPE"])
    else:
        node["ACCESS"] = 0
    if tree:
        below = path.rstrip("/")
        node["CONTENTS"] = {name: _node(f"{below}/{name}", inside, values, role) for name, inside in tree.items()}
    return node


@cache
def _same(path: str) -> Node:
    """What stays the same of an address. One that takes nothing has the type of OSC's nil."""
    row = TABLE[path]
    node: Node = {"TYPE": row.types.replace("*", "") or "N", "DESCRIPTION": row.about}
    if row.choices:
        node["RANGE"] = [{"VALS": list(row.choices)}]
    elif row.low is not None and row.high is not None:
        whole = row.kind != "float"
        node["RANGE"] = [{"MIN": int(row.low) if whole else row.low, "MAX": int(row.high) if whole else row.high}]
    if "RANGE" in node:
        node["CLIPMODE"] = ["none"]  # what lies outside is refused, not clipped
    if row.default is not None:
        node["DEFAULT"] = [row.default]
    if row.curve == "log":
        node["CURVE"] = ["log"]
    if page := place_on_pages().get(path):
        node["TAGS"] = [page[0]]
    return node


def _method(row: Address) -> Node:
    """Suggestions follow the files that there are."""
    suggestions = choices_of(row) if row.kind == "text" and not row.choices else ()
    return {**_same(row.path), **({"SUGGESTIONS": [list(suggestions)]} if suggestions else {})}


def _types(row: Address, count: int) -> str:
    """The types of `count` values: the last type of a list as often as there is something in it."""
    if not row.types.endswith("*"):
        return row.types
    fixed, repeated = row.types[:-2], row.types[-2]
    return fixed + repeated * (count - len(fixed))


def as_json(node: Node) -> bytes:
    return json.dumps(node, ensure_ascii=False, allow_nan=False).encode()
