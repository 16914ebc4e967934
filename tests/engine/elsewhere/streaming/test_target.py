"""Addresses of streams, and what is wrong with those that are none."""

from __future__ import annotations

import pytest

from engine.elsewhere.streaming.streamer import encode_command
from engine.elsewhere.streaming.target import read_target
from engine.errors import AmeublementError


def test_an_icecast_server() -> None:
    target = read_target("icecast://dj:a%40b@radio.example/room.mp3")
    assert (target.host, target.port, target.mount) == ("radio.example", 8000, "/room.mp3")
    assert (target.user, target.password) == ("dj", "a@b")
    assert "a@b" not in target.where
    assert encode_command(target)[-1] == "icecast://dj:a%40b@radio.example:8000/room.mp3"


def test_a_stream_that_is_served_from_here() -> None:
    target = read_target("http://:8010/room.opus")
    assert (target.serves, target.port, target.content_type) == (True, 8010, "audio/ogg")
    assert encode_command(target)[-1] == "pipe:1"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("radio.example", "expected icecast://"),
        ("ftp://radio.example/room.mp3", "expected icecast://"),
        ("icecast://radio.example/room.mp3", "password"),
        ("icecast://source:x@radio.example/room.wav", "says no format"),
        ("http://:8010/room.mp3", r"\.opus"),
        ("http://:99999/room.opus", "expected icecast://"),
    ],
)
def test_what_is_wrong_is_said(text: str, says: str) -> None:
    with pytest.raises(AmeublementError, match=says):
        read_target(text)
