"""The sampler: requests in, phrases out, whatever the weights are like."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from engine.files.paths import ROOT
from engine.music.notes import Note, Phrase
from engine.music.phrases.filter import judge
from engine.music.phrases.store import FilePhraseStore, Request
from engine.osc.port import LOOPBACK, Message, OscPort
from engine.sampler.sampler import Sampler
from models.performers.interpolation.interpolation import Interpolation, shipped

ASKED = Request("satie", 7, 0.95, 0.97, 2.5, None, 6.0)


@pytest.fixture
def store(tmp_path: Path) -> FilePhraseStore:
    return FilePhraseStore(tmp_path / "phrases")


def test_requests_are_answered_in_order_and_the_same_way_each_time(store: FilePhraseStore, tmp_path: Path) -> None:
    later = Request("satie", 8, 0.95, 0.97, 2.5, None, 6.0)
    store.want([ASKED, later])
    sampler = Sampler(store, lambda *_: None)
    assert sampler.work()
    phrase = store.take(ASKED)
    assert phrase is not None
    assert store.take(later) is None
    assert judge(phrase, 2.5, 6.0).phrase is not None
    assert sampler.work()
    assert store.take(later) is not None
    assert not sampler.work()
    again = FilePhraseStore(tmp_path / "again")
    again.want([ASKED])
    Sampler(again, lambda *_: None).work()
    assert again.take(ASKED) == phrase


def test_an_unknown_performer_is_reported_once_and_others_are_still_answered(store: FilePhraseStore) -> None:
    said: list[tuple[object, ...]] = []
    store.want([Request("nobody", 1, 0.95, 0.97, 2.5, None, 6.0), ASKED])
    sampler = Sampler(store, lambda *message: said.append(message))
    assert sampler.work()
    assert store.take(ASKED) is not None
    assert not sampler.work()
    errors = [message for message in said if message[0] == "/error"]
    assert len(errors) == 1
    assert errors[0][1] == "/performer/name"
    assert "nobody" in str(errors[0][2])


def test_damaged_weights_are_told_of_once_before_anybody_misses_them(
    store: FilePhraseStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[tuple[object, ...]] = []
    damaged = tmp_path / "weights.safetensors"
    damaged.write_bytes(b"cut off")
    mine = replace(ASKED, performer=str(damaged))
    store.want([mine])
    store.put(mine, Phrase((Note(0.0, 60, 1.0, 60),)))
    sampler = Sampler(store, lambda *message: said.append(message))
    assert not sampler.work(), "all is answered"
    assert said == []
    monkeypatch.setattr("engine.sampler.sampler.RETRY_WEIGHTS_S", 0.0)
    for _ in range(3):
        sampler.prepare()
    assert len(said) == 1
    assert "weights.safetensors" in str(said[0][2])
    assert "made by rule" in str(said[0][2])


def test_the_process_says_that_it_lives_and_stops_when_told(tmp_path: Path) -> None:
    hub = OscPort(LOOPBACK, 0)
    store = FilePhraseStore(tmp_path / "phrases")
    (tmp_path / "phrases" / "wants.json").write_text(json.dumps(["nonsense", {}]))
    command = [sys.executable, "-m", "engine.sampler", "--runtime", str(tmp_path), "--port", str(hub.port)]
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        heard: list[str] = []
        deadline_s = time.monotonic() + 20
        while "/sampler/alive" not in heard and time.monotonic() < deadline_s:
            heard += [m.path for m in hub.received() if isinstance(m, Message)]
            time.sleep(0.05)
        assert "/sampler/alive" in heard
        store.want([ASKED])
        while store.take(ASKED) is None and time.monotonic() < deadline_s:
            time.sleep(0.05)
        assert store.take(ASKED) is not None
        os.kill(process.pid, signal.SIGTERM)
        assert process.wait(timeout=15) == 0, "by itself: a step of a texture may be under way"
    finally:
        process.kill()
        process.wait()
        hub.close()


@pytest.mark.parametrize("there", [True, False])
def test_a_phrase_turns_into_another_or_it_is_said_why_not(
    store: FilePhraseStore, there: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[tuple[object, ...]] = []
    one, other = (tuple(Note(0.5 * n, pitch + n % 4, 0.4, 60) for n in range(24)) for pitch in (60, 72))
    asked = replace(ASKED, performer="interpolation", primer=one, towards=other, share=0.4)
    store.want([asked])
    sampler = Sampler(store, lambda *message: said.append(message))
    sampler.prepare()
    if not there:
        monkeypatch.setattr("engine.sampler.sampler.interpolation", lambda: Interpolation(Path("nowhere.safetensors")))
    assert sampler.work()
    phrase = store.take(asked)
    assert phrase is not None
    expected = shipped().towards(one, other, 0.4) if there else ()
    assert [note.pitch for note in phrase.notes] == [note.pitch for note in expected]
    assert len(said) == (0 if there else 1)


def test_a_melody_is_accompanied_note_for_note(store: FilePhraseStore) -> None:
    melody = tuple(Note(round(0.7 * number, 1), 72 + number % 5, 0.6, 80) for number in range(10))
    asked = replace(ASKED, performer="rolls_transformer", melody=melody)
    store.want([asked])
    assert Sampler(store, lambda *_: None).work()
    phrase = store.take(asked)
    assert phrase is not None
    assert {(n.onset_s, n.pitch, n.velocity) for n in melody} <= {
        (n.onset_s, n.pitch, n.velocity) for n in phrase.notes
    }
    assert len(phrase.notes) > len(melody) + 3
