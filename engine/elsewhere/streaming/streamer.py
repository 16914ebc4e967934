"""The streamer process: `python -m engine.elsewhere.streaming.streamer --runtime DIR --port N --stream ADDRESS`.

It reads behind Pure Data what the room heard, and hands it to ffmpeg. Neither can make the room wait: Pd writes into
memory, over and over into the same eight files, whether anybody reads them or not.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final
from urllib.parse import quote

from engine.elsewhere.heard_tail import HeardTail
from engine.elsewhere.streaming.encoder import Encoder
from engine.elsewhere.streaming.ogg import OggPages
from engine.elsewhere.streaming.server import StreamServer
from engine.elsewhere.streaming.source import Source
from engine.elsewhere.streaming.target import Target, read_target
from engine.elsewhere.streaming.titles import IcecastTitles, title_now
from engine.osc.messages import Report
from engine.osc.side_process import begin, moments, option_parser, reporter
from engine.parameters.stems import SAMPLE_RATE_HZ

STEP_S: Final = 0.1
SECOND_S: Final = 1.0
SOUND: Final = ("-f", "s24le", "-ar", "48000", "-ac", "2", "-i", "pipe:0")

log = logging.getLogger("streamer")


def encode_command(target: Target) -> list[str]:
    """ffmpeg as it takes the room's sound from its input."""
    command = ["ffmpeg", "-hide_banner", "-loglevel", "error", "-nostdin", *SOUND, *target.encoder]
    if target.serves:
        return [*command, "-flush_packets", "1", "pipe:1"]
    user, word = quote(target.user, safe=""), quote(target.password, safe="")
    named = ("-content_type", target.content_type, "-ice_name", "Ameublement", "-ice_genre", "Furniture music")
    return [*command, *named, f"icecast://{user}:{word}@{target.host}:{target.port}{target.mount}"]


class Streamer:
    """One stream. `report` takes an OSC path and arguments."""

    def __init__(self, runtime: Path, target: Target, report: Callable[..., None]) -> None:
        self._target, self._report = target, report
        self._status_file = runtime / "status.json"
        self._source = Source(HeardTail(runtime / "heard"))
        self._encoder = Encoder(encode_command(target), takes_output=target.serves)
        self._pages = OggPages()
        self._title = ""
        self._titles = None if target.serves else IcecastTitles(target)
        self._server = StreamServer(target, lambda: self._pages.header, lambda: self._title) if target.serves else None
        self._starts = 0
        self._said_padded = 0
        self._second_s = 0.0

    def step(self, now_s: float) -> None:
        """Take what is new, hand it on, tell what plays."""
        sound = self._source.read(now_s)
        if sound or self._encoder.runs:
            self._encoder.write(sound)
            self._encoder.step(now_s)
        if self._encoder.starts != self._starts:
            self._starts = self._encoder.starts
            self._begin_anew()
        if self._server is not None:
            self._serve(self._server)
        if now_s >= self._second_s:
            self._second_s = now_s + SECOND_S
            self._each_second(now_s)

    def close(self) -> None:
        self._encoder.close()
        if self._server is not None:
            self._server.close()

    def _begin_anew(self) -> None:
        self._pages = OggPages()
        if self._server is not None:
            self._server.send(b"")
        if self._titles is not None:
            self._titles.forget()

    def _serve(self, server: StreamServer) -> None:
        output = self._encoder.output
        if output is None:
            return
        with suppress(BlockingIOError):
            while data := os.read(output, 65_536):
                for page in self._pages.split(data):
                    server.send(page)

    def _each_second(self, now_s: float) -> None:
        if (padded := self._source.padded_frames) != self._said_padded:
            self._said_padded = padded
            log.warning("the room gave nothing; %.1f s of silence so far in its place", padded / SAMPLE_RATE_HZ)
        self._title = title_now(self._status_file)
        if self._titles is not None and self._encoder.runs:
            self._titles.offer(self._title, now_s)
        self._report(Report.STREAMER_ALIVE, 1.0)
        self._report(Report.STREAM_NOW, self._target.where if self._encoder.runs else "waiting")


def main() -> None:
    parser = option_parser("Send the room to listeners elsewhere.")
    parser.add_argument("--stream", type=read_target, required=True, help="where it goes")
    options, steps_s = begin(parser), moments(STEP_S)
    with reporter(options) as report:
        streamer = Streamer(options.runtime, options.stream, report)
        for now_s in steps_s:
            streamer.step(now_s)
        streamer.close()


if __name__ == "__main__":
    main()
