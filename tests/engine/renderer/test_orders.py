"""What the renderer is told: done in a real studio, and found in the journal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.errors import AmeublementError
from engine.journal.place import JournalPlace
from engine.journal.reader import Losses, read_stream
from engine.music.conductor.conductor import Conductor
from engine.osc.messages import Order
from engine.osc.port import LOOPBACK, Message, OscPort
from engine.osc.reporter import Reporter
from engine.parameters.scaling import SILENCE_DB
from engine.parameters.sound import Mood, SoundSettings
from engine.renderer.engine_journal import EngineJournal, Run
from engine.renderer.orders import RendererOrders
from engine.renderer.reports import RendererReports
from engine.renderer.start import Start
from engine.renderer.studio import Studio
from tests.engine.sounds import NoPhrases, small_mood

HUB = (LOOPBACK, 9000)


class Renderer:
    """All of one but its reels."""

    def __init__(self, folder: Path) -> None:
        self._folder, mood = folder, small_mood()
        self.hub, self._osc = OscPort(LOOPBACK, 0), OscPort(LOOPBACK, 0)
        self._journal = EngineJournal(JournalPlace(folder, 1_000_000), Run("a", 1, mood.title, None))
        self.made: list[tuple[int, str]] = []
        self.studio = Studio(self._conductor(1, mood, mood.sound()), mood)
        reports = RendererReports(Reporter(self._osc, self.hub.port), folder)
        start = Start(mood, mood.sound(), 1)
        self.orders = RendererOrders(self.studio, start, self._journal, reports, self._conductor)

    def _conductor(self, seed: int, mood: Mood, settings: SoundSettings) -> Conductor:
        self.made.append((seed, mood.title))
        return Conductor(seed, mood, NoPhrases())

    def told(self, *messages: tuple[Any, ...]) -> None:
        """All at once."""
        for path, *arguments in messages:
            self.orders.take(Message(path, tuple(arguments), HUB))
        self.orders.finish()

    def complaints(self) -> list[str]:
        return [str(one.arguments[0]) for one in self.hub.received() if isinstance(one, Message)]

    def journal(self, kind: str) -> list[dict[str, Any]]:
        """Ends it."""
        self._journal.close()
        losses = Losses()
        return [record.fields for record in read_stream(self._folder, "engine", losses) if record.kind == kind]

    def close(self) -> None:
        self._journal.close()
        self.studio.close()
        self.hub.close()
        self._osc.close()


@pytest.fixture
def renderer(tmp_path: Path) -> Iterator[Renderer]:
    made = Renderer(tmp_path)
    yield made
    made.close()


def test_values_that_come_together_are_one_change(renderer: Renderer) -> None:
    renderer.told(
        (Order.GLIDE_S, 2.0), ("/layer/piano/level_db", -7.0), ("/layer/piano/pan", 0.5), ("/layer/piano/pan", 0.25)
    )
    layer = renderer.studio.settings.layer.piano
    assert (layer.level_db, layer.pan) == (-7.0, 0.25)
    [change] = renderer.journal("set")
    assert (change["glide_s"], set(change["values"])) == (2.0, {"/layer/piano/level_db", "/layer/piano/pan"})


def test_a_glide_holds_for_what_comes_with_it_and_no_longer(renderer: Renderer) -> None:
    renderer.told((Order.GLIDE_S, 2.0), ("/layer/piano/pan", 0.5))
    renderer.told(("/layer/piano/pan", 0.25))
    assert [change["glide_s"] == 2.0 for change in renderer.journal("set")] == [True, False]


def test_one_value_that_cannot_be_used_costs_no_other(renderer: Renderer) -> None:
    renderer.told(("/layer/cello/pan", -0.5), ("/scale/mode", "quite unknown"), ("/layer/piano/pan", 0.5))
    layer = renderer.studio.settings.layer
    assert (layer.cello.pan, layer.piano.pan) == (-0.5, 0.5)
    assert renderer.complaints() == ["/scale/mode"]
    renderer.told(("/layer/cello/pan", 0.0))
    assert renderer.studio.settings.layer.cello.pan == 0.0


def test_a_mood_that_cannot_be_played_leaves_the_one_before(renderer: Renderer) -> None:
    with pytest.raises(AmeublementError, match="quite unknown"):
        renderer.told(("/scale/mode", "quite unknown"), ("/mood", "strange"))
    renderer.told(("/seed", 7))
    assert renderer.made[-1] == (7, "Test")
    assert renderer.journal("mood") == []


def test_what_is_no_address_is_refused_with_what_was_collected_done(renderer: Renderer) -> None:
    renderer.orders.take(Message("/layer/piano/pan", (0.5,), HUB))
    with pytest.raises(AmeublementError, match="level_db"):
        renderer.orders.take(Message("/layer/cello/lewel_db", (-5.0,), HUB))
    assert renderer.studio.settings.layer.piano.pan == 0.5


def test_a_mood_takes_the_values_that_came_before_it(renderer: Renderer) -> None:
    renderer.told((Order.GLIDE_S, 3.0), ("/layer/piano/level_db", -9.0), ("/mood", "presets/evening.yaml"))
    assert renderer.studio.settings.layer.piano.level_db == -9.0
    [mood] = renderer.journal("mood")
    assert (mood["title"], mood["glide_s"], mood["values"]["/layer/piano/level_db"]) == ("evening", 3.0, -9.0)


def test_another_seed_is_another_conductor_in_the_mood_of_now(renderer: Renderer) -> None:
    before = renderer.studio.conductor
    renderer.told(("/mood", "evening"), ("/seed", 7))
    assert renderer.made[-1] == (7, "evening")
    assert renderer.studio.conductor is not before
    assert [seed["seed"] for seed in renderer.journal("seed")] == [7]


def test_voices_that_an_instrument_plays_are_closed_while_it_is_there(renderer: Renderer) -> None:
    renderer.told(("/voice/piano/midi_out", "Disklavier"), ("/voice/piano/midi_only", 1))
    level_db = renderer.studio.settings.layer.piano.level_db
    renderer.told((Order.INSTRUMENTS, json.dumps(["Disklavier"])))
    assert renderer.studio.settings.layer.piano.level_db == SILENCE_DB < level_db
    renderer.told((Order.INSTRUMENTS, "[]"))
    assert renderer.studio.settings.layer.piano.level_db == level_db
    renderer.told((Order.INSTRUMENTS, "{"))
    assert renderer.complaints() == [Order.INSTRUMENTS]


def test_a_chord_steers_and_is_waited_for_a_while(renderer: Renderer) -> None:
    assert not renderer.orders.is_steered
    renderer.told((Order.CHORD, 67, 60, 64, "x"))
    assert renderer.orders.is_steered
    assert [chord["keys"] for chord in renderer.journal("chord")] == [[60, 64, 67]]


def test_who_may_play_chords_is_waited_for_always(renderer: Renderer) -> None:
    renderer.told(("/performer/visitors", "chords"))
    assert renderer.orders.is_steered


def test_a_visitors_phrase_that_is_none_is_told_of(renderer: Renderer) -> None:
    for wrong in (("{",), (), ("[]",)):
        renderer.told((Order.VISITOR, *wrong))
    assert set(renderer.complaints()) == {Order.VISITOR}


def test_the_next_phrase_is_noted_down(renderer: Renderer) -> None:
    renderer.told(("/phrase/next",))
    renderer.orders.next_phrase(2.0)
    assert [phrase["within_s"] for phrase in renderer.journal("next")] == [0.0, 2.0]
