"""A record while somebody chooses: takes of each section after those chosen before it, drawn when asked for."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from pathlib import Path

from engine.album.choosing.audition import audition
from engine.album.choosing.choices import Choices, choices_file, read_choices, write_choices
from engine.album.performance.performance import Takes, perform, section_takes
from engine.album.performance.played import Played
from engine.album.performance.section_take import Performers, SectionTake
from engine.album.plan.plan import PlannedTrack, RecordPlan
from engine.errors import RecordError


@dataclass(frozen=True)
class Offer:
    """One take to listen to; `best` is what would be kept by worth, `chosen` what is kept."""

    take: int
    worth: float
    notes: int
    best: bool
    chosen: bool


class Chooser:
    """Takes and choices of one record; safe to be asked from several threads."""

    def __init__(
        self, plan: RecordPlan, sheet: Path, seed: int, count: int, performer_of: Performers, soundfont: Path | None
    ) -> None:
        self._plan, self._sheet, self._performer_of, self._soundfont = plan, sheet, performer_of, soundfont
        known = read_choices(sheet)
        self.choices = known if known is not None and known.seed == seed else Choices(seed=seed)
        self.count = count
        self._lock = threading.Lock()
        self._played: dict[int, Played] = {}
        self._takes: dict[tuple[int, str], list[SectionTake]] = {}

    def sections(self) -> list[dict[str, object]]:
        """Tracks and their sections that have a piano, with what each is about."""
        return [
            {
                "number": track.number,
                "title": track.track.title,
                "sections": [{"name": s.name, "about": s.section.about} for s in track.sections if not s.section.rest],
            }
            for track in self._plan.tracks
            if track.sections
        ]

    def offers(self, number: int, section: str) -> list[Offer]:
        """The takes of a section. Raises `RecordError` where there is no such section."""
        with self._lock:
            takes = self._takes_of(number, section)
            best = max(takes, key=lambda take: (take.worth, -take.take)).take
            chosen = self.choices.tracks.get(number, {}).get(section, best)
            return [
                Offer(
                    take.take,
                    round(take.worth, 3),
                    sum(len(item.score.voices.get("piano", ())) for item in take.placed),
                    take.take == best,
                    take.take == chosen,
                )
                for take in takes
            ]

    def sound(self, number: int, section: str, take: int) -> bytes:
        """A take as Opus. Raises `RecordError`."""
        with self._lock:
            takes = self._takes_of(number, section)
            if not 0 <= take < len(takes):
                raise RecordError(f"{section}: no take {take}; there are 0 to {len(takes) - 1}")
            return audition(self._track(number), takes[take].placed, self._soundfont)

    def choose(self, number: int, section: str, take: int) -> None:
        """Keep a take, written at once; what comes after it is drawn anew when asked for. Raises `RecordError`."""
        with self._lock:
            self._check(number, section)
            count = self._count_of(number, section)
            if not 0 <= take < count:
                raise RecordError(f"{section}: no take {take}; there are 0 to {count - 1}")
            self.choices = self.choices.with_one(number, section, take)
            write_choices(choices_file(self._sheet), self.choices)
            self._takes.clear()
            self._played = {n: played for n, played in self._played.items() if n < number}

    def _takes_of(self, number: int, section: str) -> list[SectionTake]:
        self._check(number, section)
        if (number, section) not in self._takes:
            track, earlier = self._track(number), self._earlier(number)
            chosen = {name: take for name, take in self._chosen(number).chosen.items() if name != section}
            takes = replace(self._chosen(number), count=self._count_of(number, section), chosen=chosen)
            place = (track, self._plan.folder, self.choices.seed, earlier, self._performer_of)
            self._takes[number, section] = section_takes(*place, takes, section)
        return self._takes[number, section]

    def _count_of(self, number: int, section: str) -> int:
        """How many takes are offered: so many that the one that is kept is among them."""
        return max(self.count, self.choices.tracks.get(number, {}).get(section, 0) + 1)

    def _earlier(self, number: int) -> dict[int, Played]:
        """What the tracks before play, each as it is chosen."""
        for track in self._plan.tracks[: number - 1]:
            if track.number not in self._played:
                place = (track, self._plan.folder, self.choices.seed, dict(self._played), self._performer_of)
                self._played[track.number] = perform(*place, takes=self._chosen(track.number))
        return {n: played for n, played in self._played.items() if n < number}

    def _chosen(self, number: int) -> Takes:
        return Takes(self.count, self.choices.tracks.get(number, {}))

    def _track(self, number: int) -> PlannedTrack:
        return self._plan.tracks[number - 1]

    def _check(self, number: int, section: str) -> None:
        names = [s.name for s in self._track(number).sections] if 1 <= number <= len(self._plan.tracks) else []
        if section not in names:
            raise RecordError(f"track {number} has no section {section!r}; there are: {', '.join(names) or 'none'}")
