"""What plays, as a title: mood and phrase, told to Icecast at its admin address whenever it changes."""

from __future__ import annotations

import base64
import json
import logging
import threading
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Final

from engine.elsewhere.streaming.target import Target

PATIENCE_S: Final = 5.0
AGAIN_S: Final = 2.0
"""A title that Icecast did not take is told again: it may have been away."""

log = logging.getLogger("streamer")


def title_now(status_file: Path) -> str:
    """From what the supervisor writes each second; "Ameublement" where there is nothing yet. ASCII between
    the words: Icecast gives titles of MP3 streams in Latin 1."""
    try:
        status = json.loads(status_file.read_text("utf-8"))
        mood, phrase = Path(str(status["mood"])).stem, str(status["phrase"])
    except (OSError, ValueError, KeyError, TypeError):
        return "Ameublement"
    return " - ".join(part for part in ("Ameublement", mood.replace("_", " "), phrase) if part)


class IcecastTitles:
    """Tells each change in a thread of its own, for a server may be slow or gone."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._told, self._next_s = "", 0.0
        self._thread: threading.Thread | None = None

    def offer(self, title: str, now_s: float) -> None:
        """Tell it if it is new, unless another is still on its way."""
        if title == self._told or now_s < self._next_s or (self._thread and self._thread.is_alive()):
            return
        self._next_s = now_s + 1.0
        self._thread = threading.Thread(target=self._tell, args=(title, now_s), daemon=True)
        self._thread.start()

    def forget(self) -> None:
        """The mount has begun anew, and knows no title."""
        self._told = ""

    def _tell(self, title: str, now_s: float) -> None:
        target = self._target
        asked = urllib.parse.urlencode({"mount": target.mount, "mode": "updinfo", "charset": "UTF-8", "song": title})
        request = urllib.request.Request(f"http://{target.host}:{target.port}/admin/metadata?{asked}")
        word = base64.b64encode(f"{target.user}:{target.password}".encode()).decode()
        request.add_header("Authorization", f"Basic {word}")
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_S):  # noqa: S310  (http, by its own words above)
                self._told = title
        except OSError as problem:
            log.info("%s takes no title: %s", target.where, problem)
            self._next_s = now_s + AGAIN_S
