"""The one MIDI reader on files as people have them: 72 notes from each, at their right times."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import MidiError
from engine.music.midi.reading import MidiContents, read_midi, read_performance
from engine.music.notes import Note
from models.performers.corpus.midi_corpus import read_corpus
from tests.engine.music.midi import awkward

FILM_TICK_S = {
    "film frames, 25 a second of 40 ticks": 1 / 1000,
    "film frames, 24 a second": 1 / 960,
    "film frames, 30 drop": 1001 / 30_000 / 40,
    "film frames, 30 a second of 80 ticks": 1 / 2400,
}


Read = Callable[[bytes], MidiContents]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read(data: bytes, name: str = "song.mid") -> MidiContents:
        (tmp_path / name).write_bytes(data)
        return read_performance(tmp_path / name)

    return read


@pytest.mark.parametrize("name", awkward.AWKWARD)
def test_72_notes_from_each(name: str, read: Read) -> None:
    notes = read(awkward.AWKWARD[name]).phrase.notes
    assert len(notes) == awkward.NOTES
    assert sorted(note.pitch for note in notes) == list(range(30, 102))
    tick_s = FILM_TICK_S.get(name, 0.001)
    released = notes[:-1] if name == "cut within the last release" else notes
    assert [note.duration_s for note in released] == pytest.approx([200 * tick_s] * len(released))
    assert {note.velocity for note in notes} == {127 if name.startswith("velocity") else 70}
    parallel = len({note.onset_s for note in notes}) == 36
    if not parallel:
        wanted_s = [300 * index * tick_s for index in range(72)]
        if name == "type 2":  # the second pattern begins when the first has rung out
            wanted_s = wanted_s[:36] + [time_s - 0.1 for time_s in wanted_s[36:]]
        assert [note.onset_s for note in notes] == pytest.approx(wanted_s)


def test_tracks_that_sound_together_stay_together(read: Read) -> None:
    together = {
        name for name, data in awkward.AWKWARD.items() if len({n.onset_s for n in read(data).phrase.notes}) == 36
    }
    assert "type 0 with two tracks" in together
    assert "type 2" not in together


@pytest.mark.parametrize("cut", range(100, len(awkward.PLAIN) - 5, 17))
def test_a_cut_file_keeps_what_comes_before_and_says_so(cut: int, read: Read) -> None:
    contents = read(awkward.PLAIN[:cut])
    whole = read(awkward.PLAIN).phrase.notes
    notes = contents.phrase.notes
    assert len(notes) == (cut - 22 - 4) // 9 + 1  # 22 bytes before the first stroke, 4 each, 5 for each release
    assert [n.onset_s for n in notes] == [n.onset_s for n in whole[: len(notes)]]
    (said,) = contents.remarks
    assert "song.mid: track 1: the file is cut short" in said


def test_what_is_whole_says_nothing(read: Read) -> None:
    lossy = {name for name, data in awkward.AWKWARD.items() if read(data).remarks}
    assert lossy == {
        "text over the end",
        "cut within the end",
        "cut before the end",
        "cut within the last release",
        "rubbish after the end of a track",
    }


def strike(pitch: int, wait: int = 0, velocity: int = 70) -> bytes:
    return awkward.number(wait) + bytes((0x90, pitch, velocity))


def test_on_and_off_at_one_tick_is_a_short_note(read: Read) -> None:
    """The key is struck again 9.5 s later: the first note does not last till then."""
    body = strike(60) + strike(60, 0, 0) + strike(60, 9_500) + strike(60, 500, 0)
    notes = read(awkward.song(body)).phrase.notes
    assert notes == (Note(0.0, 60, 0.01, 70), Note(9.5, 60, 0.5, 70))


def test_a_key_struck_again_before_its_release_at_one_tick(read: Read) -> None:
    body = strike(60) + strike(60, 500) + strike(60, 0, 0) + strike(60, 500, 0)
    assert read(awkward.song(body)).phrase.notes == (Note(0.0, 60, 0.5, 70), Note(0.5, 60, 0.5, 70))


def test_a_stroke_written_twice_is_one(read: Read) -> None:
    body = strike(60) + strike(60) + strike(60, 500, 0) + strike(60, 0, 0)
    assert read(awkward.song(body)).phrase.notes == (Note(0.0, 60, 0.5, 70),)


def test_two_hands_on_one_key_of_one_channel(read: Read) -> None:
    tracks = [strike(60) + strike(60, 400, 0), strike(60, 200) + strike(60, 800, 0)]
    notes = read(awkward.header(1, 2) + b"".join(map(awkward.track, tracks))).phrase.notes
    assert notes == (Note(0.0, 60, 0.4, 70), Note(0.2, 60, 0.8, 70))


@pytest.mark.parametrize("controller", [120, 123, 124, 125, 126, 127])
def test_a_controller_ends_all_keys_of_its_channel(controller: int, read: Read) -> None:
    """The music goes on for 13 s after it."""
    other = b"\x00\x91\x40\x46" + awkward.number(13_000) + b"\x81\x40\x00"
    body = strike(60) + awkward.number(500) + bytes((0xB0, controller, 0)) + other
    assert read(awkward.song(body)).phrase.notes == (Note(0.0, 60, 0.5, 70), Note(0.5, 64, 13.0, 70))


@pytest.mark.parametrize("controller", [120, 121])
def test_a_controller_lifts_the_pedal(controller: int, read: Read) -> None:
    body = b"\x00\xb0\x40\xff" + strike(60) + awkward.number(500) + bytes((0xB0, controller, 0)) + strike(60, 500, 0)
    (span,) = read(awkward.song(body)).phrase.pedal
    assert (span.start_s, span.end_s) == (0.0, 0.5)


def test_drums_are_no_piano_unless_they_are_asked_for(read: Read, tmp_path: Path) -> None:
    data = awkward.AWKWARD["drums beside"]
    assert 36 in {n.pitch for n in read_midi(_file(tmp_path, data), drums=True).phrase.notes}
    assert len(read_midi(_file(tmp_path, data), drums=True).phrase.notes) == 92
    assert len(read(data).phrase.notes) == 72
    with pytest.raises(MidiError, match=r"song\.mid: holds no notes outside the drum channel 10; give"):
        read(awkward.song(awkward.DRUMS))


def test_files_joined_to_one_follow_each_other(read: Read) -> None:
    """As `cat a.mid b.mid` makes them."""
    faster = awkward.song(awkward.events(), division=2 * awkward.BEAT)
    notes = read(awkward.PLAIN + faster).phrase.notes
    assert len(notes) == 144
    length_s = 71 * 0.3 + 0.2
    assert [notes[72].onset_s, notes[143].end_s] == pytest.approx([length_s, length_s * 1.5])


def test_a_tempo_in_any_track_is_everybodys(read: Read) -> None:
    slow = awkward.number(300) + b"\xff\x51\x03\x0f\x42\x40"  # 60 a minute from the second note on
    notes = read(awkward.header(1, 2) + awkward.track(awkward.events()) + awkward.track(slow)).phrase.notes
    assert notes[1].onset_s == pytest.approx(0.3)
    assert notes[2].onset_s == pytest.approx(0.9)


REFUSED = {
    "empty": (b"", "no header MThd"),
    "text": (b"not MIDI at all", "no header MThd"),
    "header only": (awkward.header(), "holds no track"),
    "half a header": (awkward.PLAIN[:10], "ends within its header"),
    "no ticks": (awkward.song(awkward.events(), division=0), "0 ticks to a beat"),
    "film frames without ticks": (awkward.song(awkward.events(), division=-(25 << 8)), "0 ticks to a beat"),
    "no notes": (awkward.song(b""), "holds no notes"),
    "no event": (awkward.song(b"\x00\x40\x40"), "a data byte where an event should begin"),
    "a day": (awkward.song(strike(60) + b"\xff\xff\xff\x7f" * 1 + b"\x80\x3c\x00"), "lasts 75 hours"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_is_named_with_what_to_do(name: str, read: Read) -> None:
    data, why = REFUSED[name]
    with pytest.raises(MidiError, match=why) as refusal:
        read(data)
    assert "song.mid: " in str(refusal.value)


def _file(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "song.mid"
    path.write_bytes(data)
    return path


def test_corpus_and_reader_hear_the_same(tmp_path: Path) -> None:
    for number, data in enumerate(awkward.AWKWARD.values()):
        (tmp_path / f"{number:03d}.mid").write_bytes(data)
    performances, skipped = read_corpus(tmp_path)
    assert skipped == []
    assert [p.phrase for p in performances] == [read_performance(tmp_path / p.name).phrase for p in performances]
    assert {len(p.phrase.notes) for p in performances} == {72}


def test_a_key_never_released_ends_with_the_track(read: Read) -> None:
    body = strike(60) + strike(64, 500) + strike(64, 500, 0)
    assert {n.pitch: n.duration_s for n in read(awkward.song(body)).phrase.notes} == {60: 1.0, 64: 0.5}


@settings(max_examples=150, deadline=None)
@given(data=st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("fuzz") / "a.mid"
    path.write_bytes(awkward.header() + awkward.chunk(b"MTrk", data))
    with contextlib.suppress(MidiError):
        assert read_performance(path).phrase.notes
