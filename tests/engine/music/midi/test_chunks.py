"""Chunks found and tracks cut right."""

import pytest

from engine.errors import MidiError
from engine.music.midi.chunks import songs_in
from engine.music.midi.track_bytes import END_OF_TRACK, mended_track, quantity
from tests.engine.music.midi import awkward


def test_two_files_behind_each_other_are_two_songs() -> None:
    songs = songs_in(awkward.PLAIN + awkward.song(b"", division=96))
    assert [(song.division, len(song.tracks)) for song in songs] == [(awkward.BEAT, 1), (96, 1)]


def test_patterns_are_files_of_their_own() -> None:
    (song,) = songs_in(awkward.AWKWARD["type 2"])
    assert len(list(song.parts())) == 2


def test_without_a_header_there_is_no_song() -> None:
    with pytest.raises(MidiError, match="no header MThd"):
        songs_in(awkward.track(awkward.events()))


def test_each_event_has_its_status_and_nothing_is_left_that_is_not_needed() -> None:
    body = b"\x00\x90\x3c\x46\x05\xff\x59\x02\x08\x00\x05\x3c\x00\x00\xff\x2f\x00"
    track = mended_track(body, 0, len(body))
    assert track.body == b"\x00\x90\x3c\x46\x0a\x90\x3c\x00" + END_OF_TRACK
    assert (track.end, track.trouble) == (len(body), "")


@pytest.mark.parametrize("value", [0, 127, 128, 16_383, 16_384, 2**28 - 1])
def test_numbers_of_variable_length(value: int) -> None:
    assert quantity(value) == awkward.number(value)
