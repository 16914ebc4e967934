"""An hour of the room through a real Icecast to a real listener: whole, in its order, with the titles of what plays.

What was heard is laid over the room's own recording, five seconds at a time. Sound that is lost or comes twice moves
all that follows, so each piece must lie as far from its recording as the one before it. Icecast is killed once on the
way: that gap is the control, and the only one.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.signal import correlate

from engine.elsewhere.streaming.titles import title_now
from tests.icecast import Listener, decoded, icecast
from tests.installation import Running, installation

MOODS: Final = ("gymnopedie", "night", "rhodes", "airport")
PIECE_S: Final = 5.0
NEAR_S: Final = 0.25
"""How far from where it is expected a piece is looked for before it is looked for everywhere."""
SAME_S: Final = 0.002
TITLE_LASTS_S: Final = 4.0
"""A title that is over sooner may never be told: the streamer looks once a second, and Icecast hands on the last."""


@dataclass(frozen=True)
class Lying:
    """How one connection's sound lies over the room's recording."""

    length_s: float
    steps: list[tuple[float, float]]
    """Where in it, and by how many seconds, all that follows lies elsewhere than what came before."""
    least_likeness: float
    silent_s: float
    """The longest stretch without any sound."""


def lying(heard: NDArray[np.float32], played: NDArray[np.float32], rate_hz: int = 48_000) -> Lying:
    """Of mono sound; its first and last second are the decoder's own."""
    piece, near = round(PIECE_S * rate_hz), round(NEAR_S * rate_hz)
    offset: int | None = None
    steps, least = [], 1.0
    for first in range(rate_hz, len(heard) - piece - rate_hz, piece):
        part = heard[first : first + piece]
        place, like = (0, 0.0) if offset is None else _found(part, played, first + offset - near, 2 * near)
        if like < 0.9:
            place, like = _found(part, played, 0, len(played))
        least = min(least, like)
        if like < 0.9:
            continue  # what comes after it tells whether anything was lost there
        if offset is not None and abs(place - first - offset) > SAME_S * rate_hz:
            steps.append((first / rate_hz, (place - first - offset) / rate_hz))
        offset = place - first
    return Lying(len(heard) / rate_hz, steps, least, silence_s(heard[rate_hz:-rate_hz], rate_hz))


def _found(part: NDArray[np.float32], played: NDArray[np.float32], first: int, more: int) -> tuple[int, float]:
    """Where in `played`, from `first` on, and how like it is there."""
    first = max(0, first)
    whole = played[first : first + len(part) + more]
    if len(whole) < len(part):
        return first, 0.0
    energy = np.cumsum(np.concatenate([[0.0], whole.astype(np.float64) ** 2]))
    loud = np.sqrt((energy[len(part) :] - energy[: -len(part)]) * float(np.sum(part.astype(np.float64) ** 2)) + 1e-12)
    alike = correlate(whole, part, "valid", "fft") / loud
    place = int(np.argmax(alike))
    return first + place, float(alike[place])


def silence_s(sound: NDArray[np.float32], rate_hz: int) -> float:
    """The longest run of hundredths of a second below -80 dB."""
    step = rate_hz // 100
    quiet = np.abs(sound[: len(sound) // step * step]).reshape(-1, step).max(axis=1) < 1e-4
    edges = np.flatnonzero(np.diff(np.concatenate([[False], quiet, [False]])))
    return float((edges[1::2] - edges[::2]).max(initial=0)) / 100


@dataclass
class Titles:
    """What the room called what it played, and since when."""

    said: list[str]
    said_s: list[float]

    def look(self, title: str, now_s: float) -> None:
        if not self.said or self.said[-1] != title:
            self.said.append(title)
            self.said_s.append(now_s)


def late_titles(
    titles: Titles, heard: Sequence[str], heard_s: Sequence[float], away: tuple[float, float]
) -> list[float]:
    """Seconds from each title of the room to its coming to the listener; infinite for one that never came. `away` are
    the seconds in which the server was not there."""
    late = []
    ends_s = [*titles.said_s[1:], float("inf")]
    for title, begin_s, end_s in zip(titles.said, titles.said_s, ends_s, strict=True):
        if end_s - begin_s < TITLE_LASTS_S or begin_s < heard_s[0] or away[0] - 5 < begin_s < away[1]:
            continue
        came = [when_s for one, when_s in zip(heard, heard_s, strict=True) if title in one and when_s > begin_s - 1.0]
        late.append(min(came) - begin_s if came else float("inf"))
    return late[:-1]  # the last may not have come when all was over


def measure(folder: Path, minutes: float) -> dict[str, object]:
    """Run for that long, another mood every twentieth of it; the server is killed in the middle."""
    folder.mkdir(parents=True, exist_ok=True)
    with icecast() as server, installation(folder, "--stream", server.address("/room.mp3")) as run:
        run.until(run.sounds, 120.0)
        listener = Listener(f"http://127.0.0.1:{server.port}/room.mp3")
        titles, begin_s = Titles([], []), time.monotonic()
        _listen(run, titles, begin_s, 30.0 * minutes, 3.0 * minutes)
        killed_s, before = time.monotonic(), len(listener.pieces)
        server.kill()
        time.sleep(3.0)
        server.start()
        run.until(lambda: len(listener.pieces) > before and len(listener.pieces[-1]) > 24_000, 60.0)
        back_s = time.monotonic()
        _listen(run, titles, begin_s, 60.0 * minutes, 3.0 * minutes)
        listener.close()
        (folder / "titles.json").write_text(
            json.dumps([titles.said, titles.said_s, listener.titles, listener.titles_s], indent=1), "utf-8"
        )
        run.interrupt()
    played = run.recording()[:, 0]
    pieces = [
        asdict(lying(np.frombuffer(decoded(piece, folder), np.float32), played))
        for piece in listener.pieces
        if len(piece) > 24_000 * 10
    ]
    late_s = late_titles(titles, listener.titles, listener.titles_s, (killed_s, back_s))
    return {
        "minutes": minutes,
        "pieces": pieces,
        "away_s": back_s - killed_s,
        "room_silent_s": silence_s(played[np.flatnonzero(np.abs(played) > 1e-3)[0] :][: -2 * 48_000], 48_000),
        "titles": len(late_s),
        "titles_late_s": [float(value) for value in np.percentile(late_s, (50, 95, 100))] if late_s else [],
        "room": {key: run.summary().get(key) for key in ("gaps", "late_reels", "restarts", "holds")},
    }


def _listen(run: Running, titles: Titles, begin_s: float, until_s: float, mood_s: float) -> None:
    """Note what the room calls its music, until so many seconds have passed; another mood every `mood_s`."""
    mood = int((time.monotonic() - begin_s) // mood_s)
    while (now_s := time.monotonic()) - begin_s < until_s:
        run.listen()
        titles.look(title_now(run.folder / "runtime" / "status.json"), now_s)
        if (now_s - begin_s) // mood_s > mood:
            mood += 1
            run.say("/mood", MOODS[mood % len(MOODS)])
        assert run.process.poll() is None, run.output()
        time.sleep(0.25)
