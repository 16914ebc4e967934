"""Titles follow what plays, and a server that does not take one is asked again."""

from __future__ import annotations

import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from engine.elsewhere.streaming.target import Target
from engine.elsewhere.streaming.titles import AGAIN_S, IcecastTitles, title_now


def test_mood_and_phrase_make_a_title(tmp_path: Path) -> None:
    path = tmp_path / "status.json"
    assert title_now(path) == "Ameublement"
    path.write_text('{"mood": "moods/slow_air.yaml", "phrase": "satie no. 3"}', "utf-8")
    assert title_now(path) == "Ameublement - slow air - satie no. 3"
    path.write_text("{", "utf-8")
    assert title_now(path) == "Ameublement"


def test_each_title_is_told_once_and_again_after_a_refusal() -> None:
    songs: list[str] = []
    refuses = [True]

    class Admin(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            songs.append(urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)["song"][0])
            self.send_response(500 if refuses[0] else 200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Admin)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    titles = IcecastTitles(Target(False, "127.0.0.1", server.server_address[1], "/room.mp3", "source", "x"))

    def offered(title: str, now_s: float) -> None:
        titles.offer(title, now_s)
        if titles._thread:
            titles._thread.join(5)

    offered("a", 0.0)
    offered("a", 1.5)
    assert songs == ["a"], "not at once after a refusal"
    refuses[0] = False
    offered("a", AGAIN_S + 1.0)
    offered("a", AGAIN_S + 3.0)
    assert songs == ["a", "a"]
    titles.forget()
    offered("a", AGAIN_S + 5.0)
    assert songs == ["a", "a", "a"]
    server.shutdown()
    time.sleep(0)
