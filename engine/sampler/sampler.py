"""The sampler process: draws the phrases that the renderer will need, ahead of need, into the phrase store.

It owns the networks and nothing else: when it stalls or dies the room plays on from what has been drawn, and a new
one takes the same requests up again. It does without torch: see `models.performers.drawing.performer`.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from engine.errors import AmeublementError, WeightsError
from engine.music.notes import Phrase
from engine.music.phrases.store import FilePhraseStore, Request
from engine.osc.messages import Report
from engine.osc.port import LOOPBACK, OscPort
from engine.osc.reporter import Reporter
from engine.sampler.given_back import give_back
from engine.sampler.texture_generation import for_all_moods
from models.common.weights import weights_path
from models.performers.accompaniment.accompanist import accompanied
from models.performers.criticism.critic import Critic
from models.performers.drawing.performer import Conditioning, Performer
from models.performers.drawing.rejection_sampling import draw_kept
from models.performers.interpolation.interpolation import shipped as interpolation
from models.performers.quotation.quotation import Quotations

PAUSE_S: Final = 0.05
ALIVE_EVERY_S: Final = 1.0
PRUNE_EVERY_S: Final = 60.0
RETRY_WEIGHTS_S: Final = 30.0
"""Weights that could not be read are tried again after this long: somebody may be bringing them back."""
INSTEAD: Final = "until then phrases drawn before, remembered ones and ones made by rule are played"

log = logging.getLogger("sampler")


class Sampler:
    """Answers requests with phrases; `report` takes an OSC path and arguments."""

    def __init__(self, store: FilePhraseStore, report: Callable[..., None]) -> None:
        self._store = store
        self._report = report
        self._performers: dict[str, Performer] = {}
        self._quotations: dict[str, Quotations | None] = {}
        self._critics: dict[str, Critic | None] = {}
        self._warm: set[str] = set()
        """Performers that have drawn."""
        self._broken_until_s: dict[str, float] = {}
        self._told: dict[str, str] = {}
        """What was said to be wrong, by performer: each once."""
        self._alive_s = float("-inf")
        self.drawn = 0

    def beat(self) -> None:
        """Says that it lives, once a second; called between draws too, of which the longest takes some ten seconds."""
        now_s = time.monotonic()
        if now_s - self._alive_s >= ALIVE_EVERY_S:
            self._alive_s = now_s
            self._report(Report.SAMPLER_ALIVE, float(self.drawn))

    def work(self) -> bool:
        """Answers the most urgent request that can be; whether there was one."""
        for request in self._store.wanted():
            phrase = self.answer(request)
            if phrase is not None:
                self._store.put(request, phrase)
                if request.performer not in self._warm:  # its loops have been read by now, if not compiled
                    self._warm.add(request.performer)
                    give_back()
                self.drawn += 1
                return True
        return False

    def answer(self, request: Request) -> Phrase | None:
        """A phrase worth keeping, or an empty one, which the conductor passes over; None while nobody can draw it."""
        if request.towards is not None:
            return self._on_the_way(request)
        performer = self._performer(request.performer)
        return None if performer is None else self._phrase(performer, request)

    def prepare(self) -> None:
        """Loads the performer that is asked for, even if every request is answered.

        The next request comes soon, and a fault of a network should be known before the network is missed.
        """
        for request in self._store.asked():
            if request.towards is None:
                self._performer(request.performer)

    def _phrase(self, performer: Performer, request: Request) -> Phrase:
        quotations, critic = self._quotations[request.performer], self._critics[request.performer]
        conditioning, limit = conditioning_of(request), request.quotation_notes
        if request.melody:
            return accompanied(performer, request.melody, request.seed, conditioning)
        kept = draw_kept(performer, request.seed, conditioning, quotations, limit, self.beat, critic)
        for why in kept.refused:
            log.info("phrase %s refused: %s", request.key, why)
        return kept.phrase or Phrase((), (), performer.name, request.seed)

    def _on_the_way(self, request: Request) -> Phrase:
        """`on_the_way`, or, without the network that knows, an empty phrase."""
        try:
            return on_the_way(request)
        except WeightsError as error:
            self._tell(request.performer, str(error))
            return Phrase((), (), request.performer, request.seed)

    def _performer(self, name: str) -> Performer | None:
        if name in self._performers:
            return self._performers[name]
        if time.monotonic() < self._broken_until_s.get(name, 0.0):
            return None
        try:
            self._quotations[name] = Quotations.beside(weights_path(name))
            self._critics[name] = Critic.beside(weights_path(name))
            self._performers[name] = Performer(name, weights_path(name))
        except AmeublementError as error:
            self._tell(name, str(error))
            self._broken_until_s[name] = time.monotonic() + RETRY_WEIGHTS_S
            return None
        give_back()
        if self._told.pop(name, None):
            log.info("performer %s plays again", name)
        return self._performers[name]

    def _tell(self, name: str, what: str) -> None:
        if self._told.get(name) != what:
            self._told[name] = what
            log.error("%s", what)
            self._report(Report.ERROR, "/performer/name", f"{what}; {INSTEAD}")


def on_the_way(request: Request) -> Phrase:
    """What lies between the request's two phrases. Raises `WeightsError` where the interpolation's are damaged."""
    notes = interpolation().towards(request.primer or (), request.towards or (), request.share or 0.0)
    return Phrase(notes, (), request.performer, request.seed)


def conditioning_of(request: Request) -> Conditioning:
    """What a request asks of a performer."""
    return Conditioning(
        phrase_s=request.phrase_s,
        temperature=request.temperature,
        top_p=request.top_p,
        density_notes_per_s=request.density_notes_per_s,
        pitch_class_weights=request.pitch_class_weights,
        primer=Phrase(request.primer or ()),
        returns=request.returns,
        beat=request.beat,
    )


def run(runtime: Path, port: int, textures: Path | None, stopping: threading.Event, supervisor_port: int = 0) -> None:
    """Works until it is to stop; `textures` is the folder for new ones, None where none are drawn."""
    socket = OscPort(LOOPBACK, 0)
    store = FilePhraseStore(runtime / "phrases")
    sampler = Sampler(store, Reporter(socket, port, supervisor_port))
    maker = for_all_moods(textures, runtime) if textures else None
    prune_s = 0.0
    while not stopping.is_set():
        now_s = time.monotonic()
        sampler.beat()
        if now_s - prune_s >= PRUNE_EVERY_S:
            store.prune()
            prune_s = now_s
        try:
            busy = sampler.work()
        except OSError as error:  # a full or vanished runtime folder: the supervisor says so, phrases may come later
            log.error("phrase store: %s", error)
            busy = False
        if not busy:
            sampler.prepare()
        if not busy and not (maker and maker.step()):
            stopping.wait(PAUSE_S)
    socket.close()
