"""The renderer process: `python -m engine.renderer --runtime DIR --port N --seed N --mood NAME`.

Keeps a few reels ahead of the room, listens to the hub and the room, and reports. One thread: between two steps of
sound (85 ms each) it reads what has arrived. It goes on whatever comes; only the sound machinery itself failing
several times in a row, or putting out what cannot be music, ends it, and then the supervisor starts another, which
continues in the same mood.
"""

from __future__ import annotations

import logging
import os
import select
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from engine.errors import AmeublementError, CurrentReelError, ReelError, SilentReelError
from engine.journal.phrases import JournalPhrases
from engine.journal.place import DEFAULT_MB, JournalPlace
from engine.music.conductor.conductor import Conductor
from engine.music.conductor.visitor_reply import ANSWER_WITHIN_S
from engine.music.notes import Phrase
from engine.music.phrases.store import FilePhraseStore
from engine.osc.messages import Report
from engine.osc.port import LOOPBACK, BadPacket, Message, OscPort
from engine.osc.reporter import Reporter
from engine.osc.side_process import begin, option_parser
from engine.parameters.sound import Mood, SoundSettings
from engine.reels.checks import ReelChecks
from engine.reels.cutter import GENERATIONS, ReelCutter, ReelFolder
from engine.reels.format import HOLD_S, LEAD_REELS, REEL_FRAMES, SMALL_HOLD_S, STEERED_LEAD_REELS
from engine.reels.hold_refresh import HoldRefresher
from engine.reels.reel_keys import KeyCollector, ReelKeys
from engine.renderer.announcements import Announcements
from engine.renderer.engine_journal import EngineJournal, Run
from engine.renderer.hands import played_by_hands
from engine.renderer.orders import RendererOrders
from engine.renderer.played_elsewhere import ports_of
from engine.renderer.reports import RendererReports, ReportHandler
from engine.renderer.start import Start, note_silent, read_start, usable_soundfont
from engine.renderer.studio import Studio
from engine.sound.textures.library import texture_folders

IDLE_S: Final = 0.05
MOST_FAILURES: Final = 5
FIRST_PHRASE_S: Final = 3.0
"""An evening begins with the performer rather than with a rule, if its phrase is there this long after the start."""

_ROOM_TALK: Final = ("/room/", "/reel/", "/meter/", "/hold/", "/record/")
"""What the room may say besides; it concerns the hub."""

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
        self._reports = RendererReports(Reporter(self._osc, port, supervisor_port), runtime)
        self._handler = ReportHandler(self._reports)
        self._reels = ReelFolder(runtime / "reels")
        self._runtime, self._soundfont = runtime, soundfont
        self._cutter, self._judge = ReelCutter(), ReelChecks()
        self._store = FilePhraseStore(runtime / "phrases")
        self._journal_phrases = JournalPhrases(journal.folder if journal else None)
        self._hold = HoldRefresher(runtime / "hold", SMALL_HOLD_S if small else HOLD_S)
        self._announcements = Announcements(self._osc, (LOOPBACK, port + 1), self._reels, self._hold)
        self._keys = KeyCollector(REEL_FRAMES)
        self._pending: NDArray[np.float32] | None = None
        self._pending_keys: ReelKeys | None = None
        self._cut = 0
        self._failures = 0
        self._is_heard = False
        """The room plays reels, and not its hold loop, which it leaves only for several at once."""
        # A renderer that replaces a dead one must not begin with the very phrases the other began with.
        restarts = GENERATIONS.index(self._reels.generation)
        run = Run(self._reels.generation, start.seed, start.mood.title, soundfont)
        self._journal = EngineJournal(journal, run)
        self._studio = Studio(
            self._conductor(start.seed + 1_000_003 * restarts, start.mood, start.settings),
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
        self._orders = RendererOrders(self._studio, start, self._journal, self._reports, self._conductor)
        self._room_reports: Mapping[str, Callable[[Message], None]] = {
            Report.REEL_PLAYING: self._playing,
            Report.REEL_BAD: self._refused,
            Report.ROOM_HELLO: lambda _: self._announcements.all(),
            Report.ROOM_HOLD: self._holds,
        }
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
                self._announcements.again_if_due()
                select.select([self._osc.socket], [], [], IDLE_S)
        self.close()

    @property
    def _wanted_lead(self) -> int:
        """Short while somebody steers the harmony, or may at any moment."""
        return STEERED_LEAD_REELS if self._orders.is_steered and self._is_heard else LEAD_REELS

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

    # ---------------------------------------------------------------- listening

    def listen(self) -> None:
        """Act on every message that has arrived."""
        for message in self._osc.received():
            if isinstance(message, BadPacket):
                self._reports.error("/renderer", message.reason)
                continue
            try:
                self._act(message)
            except (AmeublementError, ValidationError) as problem:
                self._reports.error(message.path, str(problem))
        self._orders.finish()

    def _act(self, message: Message) -> None:
        if (heard := self._room_reports.get(message.path)) is not None:
            heard(message)
        elif not message.path.startswith(_ROOM_TALK):
            self._orders.take(message)

    def _playing(self, message: Message) -> None:
        self._is_heard = True
        self._announcements.put_off()
        reel = self._reels.played(Path(str(message.arguments[0])) if message.arguments else Path())
        if reel is None:
            return
        self._journal.playing(reel.number)
        self._reports.playing(reel, self._studio.started, self._studio.upcoming)

    def _refused(self, message: Message) -> None:
        if message.arguments:
            self._reels.refused(Path(str(message.arguments[0])))

    def _holds(self, message: Message) -> None:
        if message.arguments:
            self._is_heard = message.arguments[0] != 1.0
            self._journal.hold(not self._is_heard)

    # ---------------------------------------------------------------- rendering

    def _remembered(self) -> Phrase | None:
        """What was drawn earlier and not heard, then what was heard in earlier hours."""
        return self._store.remembered() or self._journal_phrases.next()

    def _conductor(self, seed: int, mood: Mood, settings: SoundSettings) -> Conductor:
        conductor = Conductor(
            seed,
            mood,
            self._store,
            self._journal.phrase,
            self._remembered,
            played_by_hands,
        )
        conductor.set_settings(settings.model_copy(deep=True))
        return conductor

    def _render(self) -> None:
        """One more step of sound, and a reel where one is complete."""
        try:
            if self._pending is None:
                self._render_step()
            if self._pending is not None:
                written = self._reels.write(self._pending, self._pending_keys)
                self._pending = None
                self._announcements.ready(written, written.seam)
                self._announcements.refresh_hold()
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

    def _render_step(self) -> None:
        if self._studio.conductor.answer_comes():
            self._orders.next_phrase(ANSWER_WITHIN_S)
        self._journal.before_step(self._studio)
        stems, mix = self._studio.render_step()
        reel = self._cutter.add(stems)
        self._hold.add(mix)
        if reel is not None:
            self._judge_own(reel)
            self._pending, self._pending_keys = reel, self._keys_of_reel()

    def _keys_of_reel(self) -> ReelKeys:
        """What the voices play in the reel that has just been cut."""
        self._cut += 1
        return ReelKeys(self._keys.take(self._cut - 1), ports_of(self._orders.settings))

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
