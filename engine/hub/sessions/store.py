"""The sessions of an installation: a folder, in which names are checked words and never paths."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from engine.files.atomic import replace_durably
from engine.hub.sessions.session import Session, SessionError, read_head, read_session

NAME: Final = r"[a-z][a-z0-9_-]{0,39}"
SUFFIX: Final = ".jsonl"
PREVIOUS: Final = ".previous"
"""Folder of sessions that were deleted, until another of the same name is."""
MOST: Final = 200


class SessionStore:
    """`folder` need not be there yet; None where nothing of this installation is kept."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder / "sessions" if folder else None

    def names(self) -> tuple[str, ...]:
        found = self.folder.glob(f"*{SUFFIX}") if self.folder else ()
        return tuple(sorted(path.stem for path in found if re.fullmatch(NAME, path.stem)))

    def about(self, name: str) -> str:
        """For people, for instance "1:32, 214 changes"."""
        length_s, changes = read_head(self._path(name))
        return f"{clock(length_s)}, {changes} change{'' if changes == 1 else 's'}"

    def load(self, name: str) -> Session:
        """Raises SessionError."""
        path = self._path(name)
        if not path.exists():
            raise SessionError(f"no session is called {name!r}; there are {', '.join(self.names()) or 'none'}")
        return read_session(path)

    def check_new(self, name: str) -> None:
        """Raises SessionError where a session of this name could not be kept."""
        if self._path(name).exists():
            raise SessionError(f"a session called {name!r} exists already; delete it, or give this one another name")
        if len(self.names()) >= MOST:
            raise SessionError(f"there are {MOST} sessions already; delete some")

    def save(self, name: str, session: Session) -> None:
        """Raises SessionError, and then there is no part of it."""
        self.check_new(name)
        path = self._path(name)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            replace_durably(path, session.to_text().encode())
        except OSError as error:
            raise SessionError(f"{path} cannot be written ({error.strerror}): the session is lost") from None

    def delete(self, name: str) -> None:
        """Put a session aside. Raises SessionError."""
        path = self._path(name)
        try:
            (path.parent / PREVIOUS).mkdir(exist_ok=True)
            path.replace(path.parent / PREVIOUS / path.name)
        except FileNotFoundError:
            raise SessionError(f"no session is called {name!r}") from None
        except OSError as error:
            raise SessionError(f"{path} cannot be deleted: {error.strerror}") from None

    def _path(self, name: str) -> Path:
        if self.folder is None:
            raise SessionError("this installation keeps no sessions, for it has no folder (--state)")
        if not re.fullmatch(NAME, name):
            raise SessionError(
                f"{name!r} cannot be the name of a session: it begins with a small letter and goes on with small "
                "letters, digits, _ and -, 40 at most"
            )
        return self.folder / f"{name}{SUFFIX}"


def clock(seconds: float) -> str:
    """Minutes and seconds, for people."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
