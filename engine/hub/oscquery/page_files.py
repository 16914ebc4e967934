"""The page for people: a few files beside this module, read once, served from memory."""

from __future__ import annotations

from importlib.resources import files
from typing import Final, NamedTuple

INDEX: Final = "index.html"
KINDS: Final = {
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "svg": "image/svg+xml",
    "json": "application/json",
}
HEADERS: Final = {
    "Content-Security-Policy": "default-src 'self'; connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; object-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
"""Nothing comes from elsewhere, nothing goes elsewhere, and nobody frames the page."""


class PageFile(NamedTuple):
    contents: bytes
    kind: str


def page_files() -> dict[str, PageFile]:
    """All files of the page by name."""
    folder = files("engine.hub.oscquery").joinpath("page")
    return {
        one.name: PageFile(one.read_bytes(), KINDS[one.name.rpartition(".")[2]])
        for one in folder.iterdir()
        if one.name.rpartition(".")[2] in KINDS
    }
