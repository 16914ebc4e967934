"""Reading anybody's MIDI."""

import contextlib
from pathlib import Path

import mido
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import MidiError
from models.performers.corpus.midi_corpus import read_corpus, read_performance


def write(path: Path, tracks: list[list[mido.Message | mido.MetaMessage]], kind: int = 1, division: int = 480) -> Path:
    midi = mido.MidiFile(type=kind, ticks_per_beat=division)
    midi.tracks.extend(mido.MidiTrack(track) for track in tracks)
    midi.save(path)
    return path


def strike(pitch: int, wait: int = 0, channel: int = 0) -> mido.Message:
    return mido.Message("note_on", note=pitch, velocity=70, time=wait, channel=channel)


def release(pitch: int, wait: int, channel: int = 0) -> mido.Message:
    return mido.Message("note_on", note=pitch, velocity=0, time=wait, channel=channel)


def tempo(beats_per_minute: float, wait: int = 0) -> mido.MetaMessage:
    return mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(beats_per_minute), time=wait)


def test_tempo_map_of_one_track_moves_the_notes_of_another(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mid", [[tempo(120), tempo(60, 960)], [strike(60), release(60, 1440)]])
    (note,) = read_performance(path).notes
    assert note.onset_s == 0.0
    assert note.duration_s == pytest.approx(1.0 + 1.0)  # two beats at 120, one at 60


def test_drums_are_left_out_and_pedal_is_read(tmp_path: Path) -> None:
    track = [
        mido.Message("control_change", control=64, value=100),
        strike(60),
        strike(36, channel=9),
        release(60, 480),
        release(36, 0, channel=9),
        mido.Message("control_change", control=64, value=0, time=480),
    ]
    phrase = read_performance(write(tmp_path / "a.mid", [track], kind=0))
    assert [n.pitch for n in phrase.notes] == [60]
    assert [(p.start_s, p.end_s) for p in phrase.pedal] == [(0.0, 1.0)]


def test_patterns_of_type_2_follow_each_other(tmp_path: Path) -> None:
    tracks = [[strike(60), release(60, 480)], [strike(72), release(72, 480)]]
    notes = read_performance(write(tmp_path / "a.mid", tracks, kind=2)).notes
    assert [(n.pitch, n.onset_s) for n in notes] == [(60, 0.0), (72, 0.5)]


def test_film_frames_as_time_division(tmp_path: Path) -> None:
    division = -(25 << 8) + 40  # 25 frames a second, 40 ticks a frame: 1 ms a tick
    path = write(tmp_path / "a.mid", [[strike(60), release(60, 250)]], kind=0)
    data = bytearray(path.read_bytes())
    data[12:14] = (division & 0xFFFF).to_bytes(2, "big")
    path.write_bytes(bytes(data))
    assert read_performance(path).notes[0].duration_s == pytest.approx(0.25)


def test_a_key_never_released_ends_with_the_track(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mid", [[strike(60), strike(64, 480), release(64, 480)]])
    assert {n.pitch: round(n.duration_s, 2) for n in read_performance(path).notes} == {60: 1.0, 64: 0.5}


def test_broken_files_are_reported_and_skipped(tmp_path: Path) -> None:
    good = write(tmp_path / "good.mid", [[strike(60), release(60, 480)]])
    (tmp_path / "noise.mid").write_bytes(b"not MIDI at all")
    (tmp_path / "cut.mid").write_bytes(good.read_bytes()[:30])
    write(tmp_path / "empty.mid", [[tempo(100)]])
    performances, skipped = read_corpus(tmp_path)
    assert [p.name for p in performances] == ["good.mid"]
    assert sorted(s.path.name for s in skipped) == ["cut.mid", "empty.mid", "noise.mid"]
    assert all(str(s.path) in s.why for s in skipped)


def test_an_empty_folder_says_what_was_expected(tmp_path: Path) -> None:
    with pytest.raises(MidiError, match=r"no \.mid files"):
        read_corpus(tmp_path)
    with pytest.raises(MidiError, match="no such folder"):
        read_corpus(tmp_path / "nowhere")


@settings(max_examples=150)
@given(data=st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("fuzz") / "a.mid"
    path.write_bytes(b"MThd\x00\x00\x00\x06\x00\x01\x00\x01\x01\xe0MTrk" + len(data).to_bytes(4, "big") + data)
    with contextlib.suppress(MidiError):
        assert read_performance(path).notes
