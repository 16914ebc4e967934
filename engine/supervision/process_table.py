"""What the installation consists of: the processes, their command lines, and how long each may be silent."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from engine.elsewhere.zones.snapserver import STREAM_PORT, make_pipes, write_configuration
from engine.files.runtime_folder import RuntimeFolder
from engine.history.archive.heard_files import name_format
from engine.journal.place import JournalPlace
from engine.osc.port import LOOPBACK
from engine.parameters.elsewhere import Zone
from engine.parameters.room import RoomPreset
from engine.reels.format import HOLD_S, SMALL_HOLD_S
from engine.room.card_channels import why_too_few
from engine.room.inserts import usable_inserts
from engine.room.pd_process import (
    AUDIO_BUFFER_MS,
    PATIENCE_S,
    Outlet,
    room_command,
    spare_room_command,
    surface_command,
)
from engine.room.presets import outlet_of
from engine.room.recording import Recording
from engine.room.sound_cards import Card, alsa_device, playing_cards
from engine.supervision.insert_trust import InsertTrust
from engine.supervision.process import Process, Starter, start_directly

PATIENCE_OF_LATER_ROOMS_S: Final = 0.4
"""A room that replaces a dead one is told of its reels within a tenth of a second; where the renderer is busy or gone
as well, it is the hold loop that ends the silence."""


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What `run` was asked for, checked."""

    pd: Path
    port: int
    mood: str = ""
    """The mood to begin with; later the hub knows."""
    seed: int = 1
    listen: bool = False
    allowed: tuple[str, ...] = ()
    """Addresses and networks that may send OSC from outside; empty: private networks."""
    page: bool = False
    """Whether other machines may open the page, also where they may not send OSC."""
    device: str | None = None
    minutes: float | None = None
    window: bool = False
    soundfont: Path | None = None
    textures: Path | None = None
    recording: Recording | None = None
    journal: JournalPlace | None = None
    alerts: Path | None = None
    """A file that says whom to tell when something lasts."""
    day: Path | None = None
    sensors: Path | None = None
    state: Path | None = None
    """The folder for what outlives the run; without it nothing is kept."""
    midi: bool = False
    """Whether devices of this machine are listened to."""
    plays_instruments: bool = False
    """Whether notes leave for MIDI ports, or for patches of the room."""
    stream: str = ""
    """Where the room is streamed to, if anywhere."""
    zones: bool = False
    """Whether the room's zones are played through Snapcast."""
    snapcast_port: int = STREAM_PORT
    room: RoomPreset | None = None
    """Where the loudspeakers are; without it, or without any in it, there are two."""
    ring_minutes: float = 0.0
    """How much of what the room heard is at hand for keeping."""
    small: bool = False
    """Whether memory is short: no spare room, nothing at hand for keeping, textures neither drawn nor fitted,
    short hold loops."""

    @property
    def writes_what_is_heard(self) -> bool:
        """Whether the room leaves what it hears in memory, for those who take it elsewhere."""
        return self.keeps or bool(self.stream)

    @property
    def keeps(self) -> bool:
        return self.state is not None and self.ring_minutes > 0 and not self.small


class Output(NamedTuple):
    """Where the room plays to: without `audio` into nothing, in real time."""

    audio: bool
    device: str | None


@dataclass(frozen=True, slots=True)
class Sockets:
    """What the supervisor has opened: `hub` is handed to the hub, `supervisor_port` is where all report to."""

    hub: int
    """File descriptor of the base port's UDP socket, which stays open: no message is lost while a hub starts again."""
    supervisor_port: int


class ProcessTable:
    """`trusts_card` may be taken away while the room runs; the next room then does without a sound card."""

    def __init__(
        self, options: RunOptions, folder: RuntimeFolder, sockets: Sockets, starter: Starter = start_directly
    ) -> None:
        self._options, self._folder, self._sockets, self._starter = options, folder, sockets, starter
        self.trusts_card = True
        self.too_few = ""
        """Why the card that is there is not used: it has fewer outputs than the room has loudspeakers."""
        self.inserts = InsertTrust(bool(options.room and usable_inserts(options.room.inserts)))
        self._cards: tuple[Card, ...] = ()
        self._rooms = 0

    def processes(self) -> dict[str, Process]:
        """All that run as long as the installation does, by name, in the order in which they start."""
        # On a busy machine it may draw for long, which is not heard; processes that are heard go first.
        sampler = self._process("sampler", self._sampler, patience_s=60.0, first_patience_s=60.0, niceness=5)
        # It speaks a dozen times a second, and every second of its silence is heard.
        room = self._process("room", self._room, patience_s=4.0, first_patience_s=10.0, patience_when_stopped_s=0.3)
        # Two and a half seconds are ahead of it; the sooner another loads, the shorter the hold loop.
        renderer = self._process("renderer", self._renderer, patience_s=8.0, patience_when_stopped_s=1.0)
        # It is not heard, but people at the surface soon miss its answers.
        sockets = (self._sockets.hub,)
        hub = self._process("hub", self._hub, patience_s=4.0, patience_when_stopped_s=0.8, inherits=sockets)
        # Programs and phones come back by themselves; nobody hears whether it is there.
        web = self._process("web", self._web, patience_s=8.0, niceness=5)
        processes = [renderer, room, hub, sampler, web]
        if self._options.keeps:
            archivist = self._process("archivist", self._archivist, patience_s=60.0, first_patience_s=60.0, niceness=10)
            processes.append(archivist)
        if self._options.midi:
            processes.append(self._process("midi", self._midi, patience_s=30.0, niceness=5))
        if self._options.plays_instruments:  # what it plays is heard: a second of silence, and keys hang
            processes.append(self._process("instruments", self._instruments, patience_s=4.0))
        if self._options.stream:  # its listeners have some seconds in their buffers
            processes.append(self._process("streamer", self._streamer, patience_s=6.0, niceness=5))
        if self._room_zones():
            processes += self._zones_and_snapserver()
        if self._options.alerts:
            processes.append(self._process("alerts", self._alerts, patience_s=300.0, niceness=10))
        if self._options.window:
            processes.append(self._process("surface", self._surface, patience_s=None))
        return {process.name: process for process in processes}

    @property
    def has_spare_room(self) -> bool:
        """Whether a second room waits beside the one that sounds."""
        return not self._options.small

    def spare_room(self) -> Process:
        """A second room that waits; see `engine.supervision.room_failover`."""
        return self._process("spare", self._spare, patience_s=8.0, first_patience_s=15.0)

    def _process(
        self,
        name: str,
        command: Callable[[], Sequence[str]],
        *,
        patience_s: float | None,
        first_patience_s: float = 30.0,
        patience_when_stopped_s: float = 2.0,
        niceness: int = 0,
        inherits: Sequence[int] = (),
    ) -> Process:
        return Process(
            name,
            command,
            self._folder.log(name),
            patience_s,
            first_patience_s,
            patience_when_stopped_s,
            niceness,
            inherits,
            self._starter,
        )

    def _zones_and_snapserver(self) -> list[Process]:
        """The one feeds the other, and speaks for both: what snapserver takes is its sign of life."""
        zones = self._process("zones", self._zones, patience_s=4.0)
        return [zones, self._process("snapserver", self._snapserver, patience_s=6.0)]

    def _room_zones(self) -> dict[str, Zone]:
        return self._options.room.zones if self._options.room and self._options.zones else {}

    def zones_format(self, rooms: int) -> str:
        """Where the `rooms`th room leaves the mixes of its zones; empty where it has none."""
        return name_format(self._folder.zones, rooms) if self._room_zones() else ""

    def _zones(self) -> Sequence[str]:
        zones = {name: zone.model_dump() for name, zone in self._room_zones().items()}
        return [*self._python("engine.elsewhere.zones.feeder"), "--zones", json.dumps(zones)]

    def _snapserver(self) -> Sequence[str]:
        make_pipes(self._folder.zones, self._room_zones())
        path = write_configuration(self._folder.zones, self._room_zones(), self._options.snapcast_port)
        return ["snapserver", "--config", str(path)]

    def choose_output(self) -> Output:
        """The sound card to use now; it may come, go, and return under another number."""
        wanted = self._options.device
        if not self.trusts_card:
            return Output(audio=False, device=None)
        if not sys.platform.startswith("linux"):
            return Output(audio=True, device=wanted)
        cards = playing_cards()
        if cards != self._cards:  # asked once, for asking opens the card
            self._cards, self.too_few = cards, why_too_few(self._options.room, wanted, cards)
        device = None if self.too_few else alsa_device(wanted, cards)
        return Output(audio=device is not None, device=device)

    def hold_maker(self) -> Process:
        """Sees once to it that there is a hold loop, and ends."""
        command = [sys.executable, "-m", "engine.reels.prepare_hold", str(self._folder.hold_file), f"{self._hold_s:g}"]
        return self._process("hold", lambda: command, patience_s=None)

    @property
    def _hold_s(self) -> float:
        """How long hold loops are at most."""
        return SMALL_HOLD_S if self._options.small else HOLD_S

    def _python(self, module: str) -> list[str]:
        return [
            *(sys.executable, "-m", module, "--port", str(self._options.port)),
            *("--supervisor-port", str(self._sockets.supervisor_port), "--runtime", str(self._folder.path)),
        ]

    def _hub(self) -> Sequence[str]:
        options = self._options
        command = [*self._python("engine.hub"), "--socket", str(self._sockets.hub)]
        command += ["--mood", options.mood, "--seed", str(options.seed)]
        command += [word for network in options.allowed for word in ("--allow", network)]
        for name, path in (("day", options.day), ("sensors", options.sensors), ("state", options.state)):
            command += [f"--{name}", str(path)] if path else []
        if options.keeps:
            command += ["--keeps"]
        return command + self._journal()

    def _journal(self) -> list[str]:
        if not (journal := self._options.journal):
            return []
        return ["--journal", str(journal.folder), "--journal-mb", f"{journal.most_bytes / 1e6:g}"]

    def _sampler(self) -> Sequence[str]:
        return [*self._python("engine.sampler"), *self._textures(), *self._small()]

    def _archivist(self) -> Sequence[str]:
        command = [*self._python("engine.history.archive.archivist"), "--state", str(self._options.state)]
        return [*command, "--minutes", f"{self._options.ring_minutes:g}"]

    def _midi(self) -> Sequence[str]:
        ports = ["--port", str(self._options.port), "--supervisor-port", str(self._sockets.supervisor_port)]
        return [sys.executable, "-m", "engine.hub.midi.listener", *ports]

    def _instruments(self) -> Sequence[str]:
        options = self._options
        instruments = options.room.instruments if options.room else {}
        settings = {port: one.model_dump() for port, one in instruments.items()}
        ahead_ms = AUDIO_BUFFER_MS if self.choose_output().audio else 0
        command = self._python("engine.elsewhere.instruments.player_process")
        return [*command, "--instruments", json.dumps(settings), "--ahead-ms", str(ahead_ms)]

    def _streamer(self) -> Sequence[str]:
        return [*self._python("engine.elsewhere.streaming.streamer"), "--stream", self._options.stream]

    def _web(self) -> Sequence[str]:
        options = self._options
        command = [sys.executable, "-m", "engine.hub.oscquery", "--port", str(options.port)]
        command += ["--supervisor-port", str(self._sockets.supervisor_port)]
        command += ["--listen"] if options.listen or options.page else []
        command += ["--announce"] if options.listen else []
        command += [word for network in options.allowed for word in ("--allow", network)]
        return command + (["--state", str(options.state)] if options.state else [])

    def _alerts(self) -> Sequence[str]:
        return [*self._python("engine.supervision.alerts.alerter"), "--alerts", str(self._options.alerts)]

    @property
    def wanted_device(self) -> str | None:
        """The sound card that was asked for by name."""
        return self._options.device

    def heard_format(self, rooms: int) -> str:
        """Where the `rooms`th room leaves what it hears; empty where nobody wants it."""
        return name_format(self._folder.heard, rooms) if self._options.writes_what_is_heard else ""

    def _small(self) -> list[str]:
        return ["--small"] if self._options.small else []

    def _textures(self) -> list[str]:
        return ["--textures", str(self._options.textures)] if self._options.textures else []

    def _renderer(self) -> Sequence[str]:
        options = self._options  # mood and seed as they are by now stand in a file that the hub writes
        command = [*self._python("engine.renderer"), "--seed", str(options.seed), "--mood", options.mood]
        if self._options.soundfont:
            command += ["--soundfont", str(self._options.soundfont)]
        return command + self._journal() + self._textures() + self._small()

    def _room(self) -> Sequence[str]:
        self._rooms += 1
        return room_command(
            self._options.pd,
            self._options.port,
            self._folder.hold_file,
            *self.choose_output(),
            patience_s=PATIENCE_S if self._rooms == 1 else PATIENCE_OF_LATER_ROOMS_S,
            outlet=self._outlet(),
            supervisor_port=self._sockets.supervisor_port,
            hold_s=self._hold_s,
        )

    def _spare(self) -> Sequence[str]:
        return spare_room_command(
            self._options.pd,
            self._options.port,
            *self.choose_output(),
            outlet=self._outlet(),
            supervisor_port=self._sockets.supervisor_port,
        )

    def _outlet(self) -> Outlet:
        """Written anew for each room that starts, for the folder may have been removed meanwhile."""
        zones, inserts = bool(self._room_zones()), self.inserts.trusted
        return outlet_of(self._options.room, self._folder.path, zones, inserts)

    def start_of_spare(self) -> tuple[int, int, str, int]:
        """What a spare room is told when it takes over: base port, patience in ms, hold loop, supervisor's port."""
        patience_ms, hold = round(1000 * PATIENCE_OF_LATER_ROOMS_S), str(self._folder.hold_file.resolve())
        return self._options.port, patience_ms, hold, self._sockets.supervisor_port

    def _surface(self) -> Sequence[str]:
        return surface_command(self._options.pd, LOOPBACK, self._options.port)
