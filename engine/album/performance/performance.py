"""What a track's piano plays, and the voices after it, section by section; of each the best of some takes.

A pure function of plan, seed, earlier tracks, choices and performers. Every phrase is drawn a few times and the one
is kept that serves its place best, as one would choose at a desk; whole sections may be drawn several times as well,
and an artist may have chosen among them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from engine.album.performance.cutting import kept_apart
from engine.album.performance.played import Placed, Played
from engine.album.performance.section_take import Performer, Performers, SectionTake, drawn
from engine.album.performance.theme import Theme, best_in, choose_theme
from engine.album.plan.plan import PlannedSection, PlannedTrack, earlier_track
from engine.album.plan.sheet import ThemeSource
from engine.music.notes import Phrase
from engine.music.scale import Scale
from engine.seeding import seed_from
from models.performers.drawing.performer import Conditioning

__all__ = ["Performer", "Takes", "perform", "section_takes"]


@dataclass(frozen=True)
class Takes:
    """`count` takes are drawn of each section; `chosen` says which is kept, by its name (`theme NAME` of themes)."""

    count: int = 1
    chosen: Mapping[str, int] = field(default_factory=dict)


def perform(
    track: PlannedTrack,
    folder: Path,
    seed: int,
    earlier: Mapping[int, Played],
    performer_of: Performers,
    report: Callable[[float], None] = lambda _: None,
    takes: Takes | None = None,
) -> Played:
    """Plays one track; `earlier` holds those before it by number, `folder` is where given MIDI lies."""
    player = _Player(track, folder, seed, earlier, performer_of, takes or Takes())
    for section in track.sections:
        player.play(section)
        report(section.end_s / track.length_s)
    return player.played()


def section_takes(
    track: PlannedTrack,
    folder: Path,
    seed: int,
    earlier: Mapping[int, Played],
    performer_of: Performers,
    takes: Takes,
    name: str,
) -> list[SectionTake]:
    """All takes of the section `name`, after those that were chosen of the sections before it."""
    player = _Player(track, folder, seed, earlier, performer_of, takes)
    for section in track.sections:
        if section.name == name:
            return [player.take(section, number) for number in range(takes.count)]
        player.play(section)
    return []


class _Player:
    def __init__(
        self,
        track: PlannedTrack,
        folder: Path,
        seed: int,
        earlier: Mapping[int, Played],
        performer_of: Performers,
        takes: Takes,
    ) -> None:
        self._track, self._folder, self._seed = track, folder, seed
        self._earlier, self._performer_of, self._takes = earlier, performer_of, takes
        self._placed: list[Placed] = []
        self._kept: dict[str, int] = {}
        self._themes: dict[str, Theme] = {}
        for name, source in track.track.themes.items():
            theme = self._themes[name] = self._theme(name, source)
            self._kept[f"theme {name}"] = theme.draw

    def play(self, planned: PlannedSection) -> None:
        """Add the best take of a section, or the one that was chosen."""
        if planned.section.rest:
            return
        chosen = self._takes.chosen.get(planned.name)
        numbers = range(self._takes.count) if chosen is None else [chosen]
        takes = [self.take(planned, number) for number in numbers]
        best = max(takes, key=lambda take: (take.worth, -take.take))
        self._placed += best.placed
        self._kept[planned.name] = best.take

    def take(self, planned: PlannedSection, number: int) -> SectionTake:
        """One take of a section."""
        theme = self._named(planned.section.theme) if planned.section.theme else None
        place = (self._track, planned, self._folder, self._seed, number)
        return SectionTake(*place, self._placed, self._earlier, theme, self._performer_of).play()

    def played(self) -> Played:
        """All that was played so far."""
        themes = {name: Phrase(theme.melody) for name, theme in self._themes.items()}
        return Played(kept_apart(self._placed), themes, self._kept)

    def _named(self, text: str) -> Theme:
        """A theme of this track, or of an earlier one in this one's scale."""
        other = earlier_track(text)
        if other is None:
            return self._themes[text]
        tune = self._earlier[other[0]].themes[other[1]]
        return Theme(text, tune, tune.notes, 0, 0.0)

    def _theme(self, name: str, source: ThemeSource) -> Theme:
        asked = self._track.settings.performer.model_copy(
            update={key: getattr(source.performer, key) for key in source.performer.model_fields_set}
        )
        scale = Scale.from_settings(self._track.track.scale)
        weights = scale.pitch_class_weights(asked.scale_weight)
        conditioning = Conditioning(
            asked.phrase_s, asked.temperature, asked.top_p, 0, asked.density_notes_per_s, weights
        )

        def draw(number: int) -> Phrase:
            seed = seed_from(self._seed, self._track.number, "theme", name, number) & 0x7FFFFFFF
            return drawn(self._performer_of(asked.name), seed, conditioning, asked)

        chosen = self._takes.chosen.get(f"theme {name}")
        theme = None if chosen is None else best_in(name, draw(chosen), chosen, scale, source.register_pitch)
        if theme is not None:
            return theme
        # Of a network that has changed since, the drawing that was chosen may hold no tune any more.
        drawings = {number: draw(number) for number in range(source.draws)}
        return choose_theme(name, drawings, scale, source.register_pitch)
