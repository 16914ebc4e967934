"""Where the journal of an installation is kept, and how much it may take there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

DEFAULT_MB: Final = 1000.0
"""About three months of music."""
_ENGINE_SHARE: Final = 0.9


@dataclass(frozen=True, slots=True)
class JournalPlace:
    """A folder and the most bytes that all the journal's files in it may have."""

    folder: Path
    most_bytes: int

    @property
    def engine_bytes(self) -> int:
        """The renderer's share."""
        return round(_ENGINE_SHARE * self.most_bytes)

    @property
    def room_bytes(self) -> int:
        """The hub's share."""
        return self.most_bytes - self.engine_bytes
