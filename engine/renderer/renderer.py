"""The renderer process: `python -m engine.renderer.renderer --runtime DIR --port N --seed N --mood NAME`.

Keeps a few reels ahead of the room, listens to the hub and the room, and reports. One thread: between two steps of
sound (85 ms each) it reads what has arrived. It goes on whatever comes; only the sound machinery itself failing
several times in a row, or putting out what cannot be music, ends it, and then the supervisor starts another, which
continues in the same mood.
"""

from __future__ import annotations

import json
import logging
import os
import select
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from engine.errors import AmeublementError, CurrentReelError, ReelError, SilentReelError
from engine.journal.phrases import JournalPhrases
from engine.journal.place import DEFAULT_MB, JournalPlace
from engine.music.conductor.conductor import Conductor
from engine.music.conductor.visitor_reply import ANSWER_WITHIN_S
from engine.music.notes import Phrase
from engine.music.phrases.store import FilePhraseStore, phrase_from_json
from engine.osc.messages import Order, Report
from engine.osc.port import LOOPBACK, BadPacket, Message, OscPort
from engine.osc.reporter import Reporter
from engine.osc.side_process import begin, option_parser
from engine.parameters.addresses import SOUND, find, set_value
from engine.parameters.sound import Mood, SoundSettings
from engine.reels.checks import ReelChecks
from engine.reels.cutter import GENERATIONS, Reel, ReelCutter, ReelFolder
from engine.reels.format import HOLD_S, LEAD_REELS, REEL_FRAMES, SMALL_HOLD_S, STEERED_LEAD_REELS
from engine.reels.hold_refresh import HoldRefresher
from engine.reels.reel_keys import KeyCollector, ReelKeys
from engine.renderer.engine_journal import EngineJournal, Run
from engine.renderer.hands import played_by_hands
from engine.renderer.played_elsewhere import level_addresses, ports_of, without_played_elsewhere
from engine.renderer.reports import RendererReports, ReportHandler
from engine.renderer.start import Start, note_silent, number, read_start, usable_soundfont
from engine.renderer.studio import HAND_GLIDE_S, Studio
from engine.sound.textures.library import texture_folders

IDLE_S: Final = 0.05
ANNOUNCE_AGAIN_S: Final = 2.0
"""If the room takes no reel for this long, it may have missed an announcement; repeating one does no harm."""
STEERED_S: Final = 60.0
"""So long after the last chord was held, reels are rendered as late as for one to come."""
MOST_FAILURES: Final = 5
FIRST_PHRASE_S: Final = 3.0
"""An evening begins with the performer rather than with a rule, if its phrase is there this long after the start."""

_ROOM_TALK: Final = ("/room/", "/reel/", "/meter/", "/hold/", "/record/")
"""What the room may say besides; it concerns the hub."""

_SOUND_PATHS: Final = frozenset(row.path for row in SOUND)

log = logging.getLogger("renderer")


class Renderer:
    """Owns the studio, the reels and the socket."""

    def __init__(
        self,
        runtime: Path,
        port: int,
        start: Start,
        soundfont: Path | None = None,
        textures: Sequence[Path] = (),
        journal: JournalPlace | None = None,
        supervisor_port: int = 0,
        *,
        small: bool = False,
    ) -> None:
        """`small`: memory is short, so textures are streamed as they are rather than fitted and held, and hold
        loops are shorter."""
        self._started_s = time.monotonic()
        self._osc = OscPort(LOOPBACK, port + 2)
        self._room = (LOOPBACK, port + 1)
        self._reports = RendererReports(Reporter(self._osc, port, supervisor_port), runtime)
        self._handler = ReportHandler(self._reports)
        self._reels = ReelFolder(runtime / "reels")
        self._runtime, self._soundfont = runtime, soundfont
        self._cutter, self._judge = ReelCutter(), ReelChecks()
        self._store = FilePhraseStore(runtime / "phrases")
        self._journal_phrases = JournalPhrases(journal.folder if journal else None)
        self._hold = HoldRefresher(runtime / "hold", SMALL_HOLD_S if small else HOLD_S)
        self._mood, self._settings = start.mood, start.settings
        self._keys = KeyCollector(REEL_FRAMES)
        self._instruments: frozenset[str] = frozenset()
        """What voices name as their MIDI port, as far as it is there."""
        self._pending: NDArray[np.float32] | None = None
        self._pending_keys: ReelKeys | None = None
        self._cut = 0
        self._failures = 0
        self._is_heard = False
        """The room plays reels, and not its hold loop, which it leaves only for several at once."""
        self._announce_due_s = self._steered_until_s = 0.0
        # A renderer that replaces a dead one must not begin with the very phrases the other began with.
        restarts = GENERATIONS.index(self._reels.generation)
        run = Run(self._reels.generation, start.seed, start.mood.title, soundfont)
        self._journal = EngineJournal(journal, run)
        self._studio = Studio(
            self._conductor(start.seed + 1_000_003 * restarts),
            start.settings,
            seed=start.seed,
            soundfont=soundfont,
            textures=textures,
            live=True,
            fits_textures=not small,
            report=self._reports.of_studio,
            on_score=self._journal.score,
            on_texture=self._journal.texture,
            on_key=self._keys.add,
        )
        self._reports.say(Report.RENDERER_HELLO)
        if start.complaint:
            self._reports.error("/mood", start.complaint)

    def run(self, stopping: list[bool]) -> None:
        """Render and listen until `stopping` is no longer empty."""
        self._await_first_phrase(stopping)
        while not stopping:
            self.listen()
            self._reports.state(self._reels.lead, self._studio)
            if self._reels.lead < self._wanted_lead:
                self._render()
            else:
                self._announce_again_if_due()
                select.select([self._osc.socket], [], [], IDLE_S)
        self.close()

    @property
    def _wanted_lead(self) -> int:
        """Short while somebody steers the harmony, or may at any moment."""
        playable = self._settings.performer.visitors == "chords"
        steered = time.monotonic() < self._steered_until_s
        return STEERED_LEAD_REELS if (playable or steered) and self._is_heard else LEAD_REELS

    def _await_first_phrase(self, stopping: list[bool]) -> None:
        """Only at the very start: the room does not sound yet, and the sampler is still loading its network."""
        if self._reels.generation != GENERATIONS[0]:
            return
        conductor = self._studio.conductor
        self._store.want(conductor.wants())
        first = conductor.request(0)
        deadline_s = self._started_s + FIRST_PHRASE_S
        while not stopping and time.monotonic() < deadline_s and self._store.take(first) is None:
            self.listen()
            time.sleep(0.02)

    def close(self) -> None:
        self._journal.close()
        self._studio.close()
        self._handler.close()
        self._osc.close()

    def listen(self) -> None:
        """Act on every message that has arrived; values are collected so that a hundred at once cost little."""
        values: dict[str, Any] = {}
        glide_s: float | None = None
        for message in self._osc.received():
            if isinstance(message, BadPacket):
                self._reports.error("/renderer", message.reason)
                continue
            try:
                if message.path in _SOUND_PATHS:
                    values[message.path] = find(message.path).parse(message.arguments)
                elif message.path == Order.GLIDE_S:
                    glide_s = number(message.arguments[0] if message.arguments else None, 0.0)
                elif message.path == "/mood":  # comes after the values it belongs to
                    self._begin_mood(message, values, glide_s or 0.0)
                else:
                    self._apply(values, glide_s)
                    self._act(message)
            except (AmeublementError, ValidationError) as problem:
                self._reports.error(message.path, str(problem))
        self._apply(values, glide_s)

    def _act(self, message: Message) -> None:
        if message.path == Report.REEL_PLAYING:
            self._playing(Path(str(message.arguments[0])) if message.arguments else Path())
        elif message.path == Report.REEL_BAD and message.arguments:
            self._reels.refused(Path(str(message.arguments[0])))
        elif message.path == Report.ROOM_HELLO:
            self._announce_all()
            if self._hold.path is not None:
                self._osc.send(self._room, Order.HOLD_LOAD, str(self._hold.path))
        elif message.path == "/phrase/next":
            find(message.path).parse(message.arguments)
            self._next_phrase()
        elif message.path == Order.VISITOR:
            self._hear_visitor(message)
        elif message.path == Order.CHORD:
            self._hear_chord(message)
        elif message.path == Order.INSTRUMENTS:
            self._hear_instruments(message)
        elif message.path == "/seed":
            seed = int(find(message.path).parse(message.arguments) or 0)
            self._studio.change_conductor(self._conductor(seed))
            self._journal.seed(self._studio.frame, seed)
        elif message.path == Report.ROOM_HOLD and message.arguments:
            self._is_heard = message.arguments[0] != 1.0
            self._journal.hold(not self._is_heard)
        elif not message.path.startswith(_ROOM_TALK):
            find(message.path)  # complains, with the nearest address there is

    def _next_phrase(self, within_s: float = 0.0) -> None:
        self._studio.next_phrase(within_s)
        self._journal.next_phrase(self._studio.frame, within_s)

    def _hear_visitor(self, message: Message) -> None:
        """Somebody's playing, as the hub has gathered it: `phrase_to_json` as a text."""
        try:
            phrase = phrase_from_json(json.loads(str(message.arguments[0])))
        except (IndexError, KeyError, TypeError, ValueError) as problem:
            self._reports.error(message.path, f"not a phrase: {problem}")
            return
        self._studio.conductor.continue_from(phrase)

    def _hear_chord(self, message: Message) -> None:
        """Keys that are held, from the hub, which has looked at them."""
        keys = sorted(int(key) for key in message.arguments if isinstance(key, int | float))
        self._steered_until_s = time.monotonic() + STEERED_S
        self._studio.steer(keys)
        self._journal.chord(self._studio.frame, keys)

    def _hear_instruments(self, message: Message) -> None:
        """Which MIDI ports are there has changed, and with it which voices sound here."""
        try:
            there = frozenset(map(str, json.loads(str(message.arguments[0]))))
        except (IndexError, TypeError, ValueError) as problem:
            self._reports.error(message.path, f"not a list: {problem}")
            return
        if there != self._instruments:
            self._instruments = there
            self._take_settings({}, HAND_GLIDE_S)

    def _begin_mood(self, message: Message, values: dict[str, Any], glide_s: float) -> None:
        """The hub has read the mood and sent its values; here it is only their name."""
        name = str(message.arguments[0]) if message.arguments else ""
        settings = self._with(values)
        values.clear()
        self._mood = Mood(title=Path(name).stem[:40] or "mood", **settings.model_dump())
        self._settings = settings
        heard = without_played_elsewhere(self._mood, self._instruments)
        self._studio.change_mood(heard, glide_s)
        self._journal.mood(self._studio.frame, heard, glide_s)

    def _apply(self, values: dict[str, Any], glide_s: float | None = None) -> None:
        """Set collected sound values at once, or, where one of them cannot be used, all the others."""
        try:
            self._change(values, glide_s)
        except (AmeublementError, ValidationError) as problem:
            if len(values) == 1:
                self._reports.error(next(iter(values)), str(problem))
            else:
                for path, value in values.items():
                    self._apply({path: value}, glide_s)
        values.clear()

    def _change(self, values: dict[str, Any], glide_s: float | None) -> None:
        settings = self._with(values)
        if settings != self._settings:
            self._settings = settings
            self._take_settings(values, HAND_GLIDE_S if glide_s is None else glide_s)

    def _take_settings(self, values: Mapping[str, Any], glide_s: float) -> None:
        """The settings are new, by `values`; what instruments play in place of the voices is not heard."""
        heard = without_played_elsewhere(self._settings, self._instruments)
        levels = level_addresses(self._studio.settings, heard)
        self._studio.change_settings(heard, glide_s)
        self._journal.set(self._studio.frame, {**values, **levels}, glide_s)

    def _with(self, values: dict[str, Any]) -> SoundSettings:
        settings = self._settings.model_copy(deep=True)
        for path, value in values.items():
            set_value(settings, path, value)
        return settings

    def _remembered(self) -> Phrase | None:
        """What was drawn earlier and not heard, then what was heard in earlier hours."""
        return self._store.remembered() or self._journal_phrases.next()

    def _conductor(self, seed: int) -> Conductor:
        conductor = Conductor(
            seed,
            self._mood,
            self._store,
            self._journal.phrase,
            self._remembered,
            played_by_hands,
        )
        conductor.set_settings(self._settings.model_copy(deep=True))
        return conductor

    def _render(self) -> None:
        """One more step of sound, and a reel where one is complete."""
        try:
            if self._pending is None:
                if self._studio.conductor.answer_comes():
                    self._next_phrase(ANSWER_WITHIN_S)
                self._journal.before_step(self._studio)
                stems, mix = self._studio.render_step()
                reel = self._cutter.add(stems)
                self._hold.add(mix)
                if reel is not None:
                    self._judge_own(reel)
                    self._pending, self._pending_keys = reel, self._keys_of_reel()
            if self._pending is not None:
                written = self._reels.write(self._pending, self._pending_keys)
                self._pending = None
                self._announce(written, written.seam)
                self._refresh_hold()
            self._failures = 0
        except ReelError as problem:  # a full disk; the room holds until there is space again
            self._reports.error("/renderer", str(problem))
            time.sleep(IDLE_S)
        except Exception as problem:
            log.exception("a step failed")
            self._journal.failed(self._studio.frame, f"{type(problem).__name__}: {problem}"[:200])
            self._failures += 1
            self._reports.problem(problem)
            if self._failures >= MOST_FAILURES:
                raise

    def _keys_of_reel(self) -> ReelKeys:
        """What the voices play in the reel that has just been cut."""
        self._cut += 1
        return ReelKeys(self._keys.take(self._cut - 1), ports_of(self._settings))

    def _judge_own(self, reel: NDArray[np.float32]) -> None:
        """End here rather than send out what cannot be music: another renderer begins with machinery that is whole."""
        try:
            self._judge.see(reel, self._studio.notes_begun)
        except ReelError as problem:
            self._journal.failed(self._studio.frame, str(problem))
            self._reports.problem(problem)
            if isinstance(problem, CurrentReelError | SilentReelError):
                self._reels.withdraw()
            if isinstance(problem, SilentReelError) and self._soundfont:
                note_silent(self._runtime, self._soundfont)
            self.close()
            sys.exit(f"gives way to another renderer: {problem}")

    def _refresh_hold(self) -> None:
        try:
            if self._hold.refresh():
                self._osc.send(self._room, Order.HOLD_LOAD, str(self._hold.path))
        except ReelError as problem:
            log.warning("%s", problem)

    def _playing(self, path: Path) -> None:
        self._is_heard = True
        self._announce_due_s = time.monotonic() + ANNOUNCE_AGAIN_S
        reel = self._reels.played(path)
        if reel is None:
            return
        self._journal.playing(reel.number)
        self._reports.playing(reel, self._studio.started, self._studio.upcoming)

    def _announce(self, reel: Reel, seam: float) -> None:
        channel, frame, value = reel.mark
        self._osc.send(self._room, Order.REEL_READY, str(reel.path), seam, float(channel), float(frame), value)

    def _announce_all(self) -> None:
        """Tell a room that has just started of every reel it could play."""
        for place, reel in enumerate(self._reels.unplayed):
            self._announce(reel, 1.0 if place == 0 else reel.seam)

    def _announce_again_if_due(self) -> None:
        now_s = time.monotonic()
        if now_s >= self._announce_due_s:
            self._announce_due_s = now_s + ANNOUNCE_AGAIN_S
            for reel in self._reels.unplayed:
                self._announce(reel, reel.seam)


def main() -> None:
    parser = option_parser("Render reels ahead of the room.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--mood", required=True, help="name of the mood to begin with")
    parser.add_argument("--soundfont", type=Path, help="an .sf2 or .sf3 file")
    parser.add_argument("--textures", type=Path, help="folder of texture files")
    parser.add_argument("--journal", type=Path, help="folder of the journal; without it none is written")
    parser.add_argument("--journal-mb", type=float, default=DEFAULT_MB, help="the most that the journal may take")
    parser.add_argument("--small", action="store_true", help="memory is short: stream textures as they are")
    options = begin(parser)
    stopping: list[bool] = []
    signal.signal(signal.SIGTERM, lambda *_: stopping.append(True))
    start = read_start(options.runtime / "state.json", options.mood, options.seed)
    soundfont = usable_soundfont(options.soundfont, options.runtime)
    journal = JournalPlace(options.journal, round(1e6 * options.journal_mb)) if options.journal else None
    folders, supervisor = texture_folders(options.textures), options.supervisor_port
    place = (options.runtime, options.port)
    Renderer(*place, start, soundfont, folders, journal, supervisor, small=options.small).run(stopping)
    logging.shutdown()
    os._exit(0)  # all is written and closed; taking the interpreter apart would cost a third of a second
