"""Readers of foreign files and packets: what they may raise, and inputs to begin from."""

from __future__ import annotations

import asyncio
import io
import json
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import mido
import numpy as np
import soundfile
import uvicorn
from uvicorn.server import ServerState

from engine.album.plan.plan import load_plan
from engine.errors import AmeublementError, ControlError
from engine.files.checked_yaml import read_document
from engine.files.paths import PATCHES_FOLDER
from engine.hub.access import Access
from engine.hub.midi.bindings import BindingsFile
from engine.hub.oscquery.connections import guarded
from engine.hub.oscquery.feed import Feed, Listener
from engine.hub.oscquery.mirror import HubMirror
from engine.hub.oscquery.packets import take as take_frame
from engine.hub.oscquery.pins import Pins
from engine.hub.oscquery.roles import Role, may_set
from engine.hub.oscquery.server import WebServer
from engine.hub.presence.settings import read_sensors
from engine.hub.schedule.settings import read_day
from engine.hub.sessions.session import Moment, Session, read_session
from engine.journal.reader import Losses, read_segment
from engine.journal.records import encode as encode_record
from engine.music.midi.reading import read_performance
from engine.music.midi.reading import read_phrase as read_midi_phrase
from engine.music.phrases.store import read_phrase, read_wants
from engine.osc.elements import PacketError, elements
from engine.osc.patterns import is_pattern, matching
from engine.osc.port import LOOPBACK, Message, encode, message_of
from engine.parameters.addresses import TABLE
from engine.parameters.moods import list_moods, read_mood
from engine.reels.hold_loop import check_hold_loop
from engine.renderer.start import read_start
from engine.room.inserts import why_unusable
from engine.room.presets import load_room
from engine.room.recording import read_layout
from engine.sound.textures.files import TextureLoop
from engine.sound.textures.library import describe
from models.common.weights import load_weights, save_weights
from models.textures.audio.audio_input import read_mono
from tests.engine.music.midi.awkward import AWKWARD
from tests.installation import ROOT


@dataclass(frozen=True)
class Target:
    """`read` may raise `AmeublementError` and nothing else, whatever the file `input`.suffix holds."""

    name: str
    suffix: str
    read: Callable[[Path], object]
    seeds: Callable[[], list[bytes]]
    examples: int = 30
    """How many damaged inputs each run of the tests gives it: fewer to slow ones."""


def midi() -> list[bytes]:
    files = []
    for kind in (0, 1):
        song = mido.MidiFile(type=kind, ticks_per_beat=96)
        for number in range(kind + 1):
            track = mido.MidiTrack([mido.MetaMessage("track_name", name="song"), mido.MetaMessage("set_tempo")])
            for pitch in range(60, 70):
                track.append(mido.Message("note_on", note=pitch, velocity=64, channel=number, time=3))
                track.append(mido.Message("control_change", control=64, value=pitch * 2 - 20, time=1))
                track.append(mido.Message("note_off", note=pitch, time=90))
            track.append(mido.Message("sysex", data=(1, 2, 3)))
            song.tracks.append(track)
        sink = io.BytesIO()
        song.save(file=sink)
        files.append(sink.getvalue())
    return [*files, *AWKWARD.values()]


def audio() -> list[bytes]:
    sound = (0.1 * np.sin(np.arange(12_000) / 20)).astype(np.float32)
    files = []
    for kind, subtype in (
        ("WAV", "FLOAT"),
        ("WAV", "PCM_16"),
        ("FLAC", None),
        ("OGG", None),
        ("AIFF", None),
        ("MP3", None),
    ):
        sink = io.BytesIO()
        soundfile.write(sink, np.stack([sound, sound], axis=1), 48_000, format=kind, subtype=subtype)
        files.append(sink.getvalue())
    sink = io.BytesIO()
    soundfile.write(sink, np.stack([sound / 3] * 6, axis=1)[:4_000], 48_000, format="WAVEX", subtype="PCM_24")
    return [*files, sink.getvalue(), files[3] + files[3], files[2] + files[2], _other_audio("CAF"), _other_audio("AU")]


def _other_audio(kind: str) -> bytes:
    sink = io.BytesIO()
    soundfile.write(sink, 0.1 * np.sin(np.arange(12_000) / 20), 48_000, format=kind, subtype="PCM_16")
    return sink.getvalue()


def long_audio() -> list[bytes]:
    """Long enough to have a loudness, and a rate that is analysed quickly."""
    sink = io.BytesIO()
    soundfile.write(sink, 0.1 * np.sin(np.arange(6_000) / 5), 8_000, format="WAV", subtype="PCM_16")
    return [sink.getvalue()]


def phrases() -> list[bytes]:
    note = [[0.0, 60, 1.0, 64], [1.0, 62, 0.5, 70]]
    want = {"key": "a", "performer": "satie", "seed": 1, "temperature": 1.0, "top_p": 1.0, "density_notes_per_s": 2.0}
    wants = [{**want, "pitch_class_weights": [1.0] * 12, "phrase_s": 10.0, "primer": None}]
    phrase = {"notes": note, "pedal": [[0.0, 1.0]], "performer": "x", "seed": 1}
    return [json.dumps(phrase).encode(), json.dumps(wants).encode()]


def states() -> list[bytes]:
    return [
        json.dumps({"mood": "night", "seed": 3, "morph_s": 8.0, "values": {"/layer/cello/level_db": -20.0}}).encode()
    ]


def bindings() -> list[bytes]:
    return [b"bindings:\n  /layer/cello/level_db: {channel: 1, controller: 74, turn: 7-bit}\n"]


def sessions() -> list[bytes]:
    moments = [
        Moment(0.5, {"/layer/cello/level_db": -20.0, "/scale/mode": "dorian"}),
        Moment(1.0, {"/mood": "night", "/stem/cello/mute": 1}, 8.0, begins_mood=True),
        Moment(2.0, press="/phrase/next"),
    ]
    return [Session("2026-11-25T20:15:00+01:00", 3.0, tuple(moments)).to_text().encode()]


def moods() -> list[bytes]:
    return [
        b"title: X\nscale: {root: D, mode: major}\nlayer:\n  cello: {level_db: -12, pan: 0.5}\n",
        *presets("moods")(),
    ]


def presets(kind: str) -> Callable[[], list[bytes]]:
    """Those that come along: real files with all that such a file may hold."""
    found = [path for path in sorted((ROOT / "presets" / kind).glob("*.yaml")) if ".choices" not in path.suffixes]
    return lambda: [path.read_bytes() for path in found]


def weights() -> list[bytes]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.safetensors"
        save_weights(path, {"a": np.ones((4, 4), np.float32)}, {"network": "x"})
        return [path.read_bytes()]


def journals() -> list[bytes]:
    """A segment as the engine writes it."""
    records = [{"kind": "run", "seed": 1, "mood": "night"}, {"kind": "set", "frame": 4096, "values": {"/seed": 2.0}}]
    return [b"".join(encode_record(record) for record in records)]


def packets() -> list[bytes]:
    reaching = encode("/{stem,layer}/*/[a-m]?te", [1])
    bundle = b"#bundle\0" + bytes(7) + b"\1" + len(reaching).to_bytes(4, "big") + reaching
    return [encode("/layer/cello/level_db", [-12.0]), encode("/mood", ["night"]), reaching, bundle]


def _texture(path: Path) -> None:
    loop = TextureLoop(path)
    loop.looped(0, 4096)


def _start(path: Path) -> None:
    read_start(path, "night", 1)


def _segment(path: Path) -> None:
    list(read_segment(path, Losses()))


def requests() -> list[bytes]:
    return [
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1:9100\r\n\r\n",
        b"GET /?HOST_INFO HTTP/1.1\r\nHost: [::1]\r\nConnection: keep-alive\r\n\r\n",
        b"GET /layer/cello/level_db?VALUE HTTP/1.0\r\n\r\n",
        b"GET http://[::1]:9100/stem/piano%20x?TYPE=1 HTTP/1.1\r\nUser-Agent: x\r\n\r\n",
    ]


class _Conversation(asyncio.Transport):
    """A connection as the server sees it: what is answered on it."""

    def __init__(self) -> None:
        super().__init__({"peername": (LOOPBACK, 9), "sockname": (LOOPBACK, 9100)})
        self.answered, self._closing = b"", False

    def write(self, data: object) -> None:
        self.answered += bytes(data)  # type: ignore[call-overload]

    def is_closing(self) -> bool:
        return self._closing

    def close(self) -> None:
        self._closing = True

    abort = close

    def pause_reading(self) -> None:
        """All that is asked is there already."""

    resume_reading = pause_reading


async def _converse(asked: bytes) -> bytes:
    """What the real application, behind the real protocol, answers."""
    mirror = HubMirror(9)
    mirror.values |= {"/layer/cello/level_db": (-12.0,), "/mood/list": ("night",)}
    app = WebServer(9100, mirror, Feed(), Pins(None), Access()).app
    config = uvicorn.Config(app, http=guarded(Access()), ws="none", lifespan="off", log_config=None, access_log=False)
    config.load()
    state, conversation = ServerState(), _Conversation()
    protocol = config.http_protocol_class(config=config, server_state=state, app_state={})  # type: ignore[call-arg]
    protocol.connection_made(conversation)
    if asked:  # asyncio never hands on nothing
        protocol.data_received(asked)  # type: ignore[attr-defined]
    while state.tasks and (await asyncio.wait(state.tasks, timeout=0.3))[0]:
        await asyncio.sleep(0)
    protocol.connection_lost(None)
    while state.tasks:
        await asyncio.wait(state.tasks, timeout=5.0)
    mirror.close()
    return conversation.answered


def _request(path: Path) -> None:
    asked = path.read_bytes()
    answered = asyncio.run(_converse(asked))
    first, _, rest = asked.partition(b"\r\n")
    if first.startswith(b"GET ") and first.endswith(b" HTTP/1.1") and b"\r\n\r\n" in rest and not answered:
        raise AssertionError("a request without an answer")
    assert b" 500 " not in answered.partition(b"\r\n")[0]


def _packet(path: Path) -> None:
    with suppress(PacketError):
        for element in elements(path.read_bytes()):
            message = message_of(element.message, (LOOPBACK, 9))
            if isinstance(message, Message) and is_pattern(message.path):
                matching(message.path, TABLE)


def frames() -> list[bytes]:
    """What a page sends over its WebSocket: OSC, and commands."""
    commands = [json.dumps({"COMMAND": name, "DATA": "/pad/x"}).encode() for name in ("LISTEN", "IGNORE")]
    return [*packets(), *commands, b'{"pin": "123456"}']


class _Nowhere:
    async def send_bytes(self, data: bytes) -> None:
        """Nobody listens."""


def _frame(path: Path) -> None:
    """With every role; what comes out is only what that role may set."""
    data = path.read_bytes()
    for role in Role:
        for address, _ in take_frame(data, role).messages:
            assert is_pattern(address) or may_set(role, address)
    listener = Listener(_Nowhere(), Role.LOOK, {}, lambda *_: None, bundles=True)
    listener.take_text(data.decode("latin-1"))
    assert listener.paths <= set(TABLE)


def _patch(path: Path) -> None:
    why_unusable(path)


def patches() -> list[bytes]:
    return [(PATCHES_FOLDER / name).read_bytes() for name in ("insert-template.pd", "room/stem~.pd", "room.pd")]


TARGETS: Final = (
    Target("MIDI of anybody's", ".mid", read_performance, midi),
    Target("MIDI of ours", ".mid", read_midi_phrase, midi),
    Target("texture", ".wav", _texture, audio),
    Target("audio for training", ".wav", lambda path: read_mono(path, 16_000), audio),
    Target("hold loop", ".wav", check_hold_loop, audio),
    Target("recording", ".wav", read_layout, audio),
    Target("phrase", ".json", read_phrase, phrases),
    Target("wishes", ".json", read_wants, phrases),
    Target("state", ".json", _start, states, examples=8),
    Target("texture's description", ".wav", describe, long_audio, examples=8),
    Target("mood", ".yaml", read_mood, moods, examples=20),
    Target("record", ".yaml", load_plan, presets("ep"), examples=8),
    Target("room preset", ".yaml", lambda path: load_room(str(path)), presets("rooms")),
    Target("patch in a stem's way", ".pd", _patch, patches),
    Target("schedule", ".yaml", lambda path: read_day(path, list_moods()), presets("days")),
    Target("sensors", ".yaml", lambda path: read_sensors(str(path)), presets("sensors")),
    Target("bindings", ".yaml", lambda path: read_document(path, BindingsFile, ControlError, "bindings"), bindings),
    Target("session", ".jsonl", read_session, sessions),
    Target("journal", ".seg", _segment, journals),
    Target("weights", ".safetensors", lambda path: load_weights(path, "x"), weights),
    Target("OSC packet", ".osc", _packet, packets),
    Target("OSCQuery request", ".http", _request, requests),
    Target("WebSocket frame", ".frame", _frame, frames),
)


def feed(target: Target, path: Path, data: bytes) -> None:
    """Raises whatever the reader should not have raised."""
    path.write_bytes(data)
    try:
        target.read(path)
    except AmeublementError:
        return
