"""Where a stream goes: `icecast://source:PASSWORD@host:8000/room.mp3`, or `http://:8010/room.opus` served from here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from engine.errors import AmeublementError

SCHEMES: Final = ("icecast", "http")
ENCODERS: Final = {
    ".mp3": ("audio/mpeg", ("-c:a", "libmp3lame", "-b:a", "192k", "-f", "mp3")),
    ".ogg": ("application/ogg", ("-c:a", "libvorbis", "-b:a", "160k", "-f", "ogg")),
    ".opus": ("audio/ogg", ("-c:a", "libopus", "-b:a", "128k", "-page_duration", "200000", "-f", "ogg")),
}
"""By the end of the mount's name: content type, and what ffmpeg is told."""
EXAMPLES: Final = "icecast://source:PASSWORD@radio.example:8000/room.mp3 or http://:8010/room.opus"


@dataclass(frozen=True, slots=True)
class Target:
    """A stream's address, taken apart. `serves`: listeners come to this machine."""

    serves: bool
    host: str
    port: int
    mount: str
    user: str = "source"
    password: str = ""

    @property
    def ending(self) -> str:
        return self.mount[self.mount.rfind(".") :]

    @property
    def content_type(self) -> str:
        return ENCODERS[self.ending][0]

    @property
    def encoder(self) -> tuple[str, ...]:
        return ENCODERS[self.ending][1]

    @property
    def where(self) -> str:
        """For people and logs, without the password."""
        return f"{'http' if self.serves else 'icecast'}://{self.host}:{self.port}{self.mount}"


def read_target(text: str) -> Target:
    """Raises AmeublementError where `text` is no address of a stream."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as problem:
        raise AmeublementError(f"--stream {text}: {problem}; expected {EXAMPLES}") from None
    if parts.scheme not in SCHEMES:
        raise AmeublementError(f"--stream {text}: expected {EXAMPLES}")
    mount = parts.path if len(parts.path) > 1 else "/ameublement.opus"
    if not mount.endswith(tuple(ENCODERS)):
        raise AmeublementError(f"--stream: {mount} says no format; it ends in {', '.join(ENCODERS)}")
    return _icecast(parts, port, mount) if parts.scheme == "icecast" else _served(parts, port, mount)


def _icecast(parts: SplitResult, port: int | None, mount: str) -> Target:
    if not parts.hostname or not parts.password:
        raise AmeublementError(f"--stream: an Icecast server has a host and a password; expected {EXAMPLES}")
    user = unquote(parts.username or "source")
    return Target(False, parts.hostname, port or 8000, mount, user, unquote(parts.password))


def _served(parts: SplitResult, port: int | None, mount: str) -> Target:
    if not mount.endswith(".opus"):
        raise AmeublementError(f"--stream: this machine serves Opus; expected a name that ends in .opus, not {mount}")
    return Target(True, parts.hostname or "0.0.0.0", port or 8010, mount)  # noqa: S104  (listeners are elsewhere)
