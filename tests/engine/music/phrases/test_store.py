"""Requests and phrases in real files: whole or not at all, and bounded."""

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

from hypothesis import given

from engine.music.notes import Note, Phrase
from engine.music.phrases.store import KEEP_S, MOST_PHRASES, FilePhraseStore, Request, phrase_from_json, phrase_to_json
from tests.engine.phrases import phrases

REQUEST = Request("satie", 7, 0.95, 0.97, 2.5, (1.0,) * 12, 20.0)
PHRASE = Phrase((Note(0.0, 60, 1.0, 64),), (), "satie", 7)


@given(phrases)
def test_a_phrase_survives_its_json(phrase: Phrase) -> None:
    assert phrase_from_json(json.loads(json.dumps(phrase_to_json(phrase)))) == phrase


def test_a_request_survives_its_json_and_keeps_its_key() -> None:
    primed = replace(REQUEST, primer=(Note(0.0, 60, 1.0, 64),), pitch_class_weights=None)
    returning = replace(primed, returns=0.5, beat=0.4)
    accompanying = replace(REQUEST, melody=(Note(0.0, 72, 0.5, 80), Note(0.5, 74, 0.5, 80)))
    turning = replace(primed, performer="interpolation", towards=accompanying.melody, share=0.3)
    for request in (REQUEST, primed, returning, accompanying, turning):
        read = Request.from_json(json.loads(json.dumps(request.to_json())))
        assert read == request
        assert read.key == request.key
    assert len({request.key for request in (REQUEST, primed, returning, accompanying, turning)}) == 5
    assert REQUEST.key != replace(REQUEST, seed=8).key
    assert REQUEST.key == "ba46a75f269ed588"  # what was drawn for it before may be taken up


def test_wanted_put_and_taken(tmp_path: Path) -> None:
    renderer, sampler = FilePhraseStore(tmp_path / "phrases"), FilePhraseStore(tmp_path / "phrases")
    assert sampler.wanted() == []
    renderer.want([REQUEST, replace(REQUEST, seed=8)])
    assert [request.seed for request in sampler.wanted()] == [7, 8]
    assert renderer.take(REQUEST) is None
    sampler.put(REQUEST, PHRASE)
    assert renderer.take(REQUEST) == PHRASE
    assert [request.seed for request in sampler.wanted()] == [8]


def test_wants_are_written_again_when_the_folder_was_emptied(tmp_path: Path) -> None:
    store = FilePhraseStore(tmp_path)
    store.want([REQUEST])
    (tmp_path / "wants.json").unlink()
    store.want([REQUEST])
    assert store.wanted() == [REQUEST]


def test_what_was_drawn_for_other_wishes_is_remembered_once(tmp_path: Path) -> None:
    """After a mood change, or in the renderer that follows a dead one; what is wanted or was taken is no such thing."""
    store = FilePhraseStore(tmp_path)
    requests = [replace(REQUEST, seed=seed) for seed in range(5)]
    for age, request in enumerate(requests):
        store.put(request, replace(PHRASE, seed=request.seed))
        os.utime(tmp_path / f"{request.key}.json", (1000.0 + age, 1000.0 + age))
    store.want([requests[4]])
    assert store.take(requests[0])
    (tmp_path / f"{requests[2].key}.json").write_text("{damaged")
    remembered = [store.remembered() for _ in range(4)]
    assert [phrase and phrase.seed for phrase in remembered] == [1, 3, None, None]


def test_a_folder_that_vanished_comes_back_with_the_next_wish(tmp_path: Path) -> None:
    store = FilePhraseStore(tmp_path / "phrases")
    store.want([REQUEST])
    shutil.rmtree(tmp_path / "phrases")
    assert store.take(REQUEST) is None
    assert store.remembered() is None
    store.want([REQUEST])
    assert store.wanted() == [REQUEST]


def test_a_folder_that_cannot_be_written_is_no_error_to_who_only_wishes() -> None:
    store = FilePhraseStore(Path("/dev/shm"))
    store.folder = Path("/proc/nothing")
    store.want([REQUEST])


def test_damaged_files_are_as_good_as_missing(tmp_path: Path) -> None:
    store = FilePhraseStore(tmp_path)
    for text in (
        "",
        "{",
        "[]",
        '{"notes": [[0, 60]]}',
        '{"notes": [[0, 200, 1, 60]]}',
        '{"notes": [[NaN, 60, 1, 60]]}',
    ):
        (tmp_path / f"{REQUEST.key}.json").write_text(text)
        assert store.take(REQUEST) is None
    for text in ("", "{", "7", '[{"seed": 1}]', '["a"]'):
        (tmp_path / "wants.json").write_text(text)
        assert store.wanted() == []


def test_pruning_keeps_what_is_wanted_or_young(tmp_path: Path) -> None:
    store = FilePhraseStore(tmp_path)
    old, young, wanted = (replace(REQUEST, seed=seed) for seed in (1, 2, 3))
    for request in (old, young, wanted):
        store.put(request, PHRASE)
    now_s = (tmp_path / f"{young.key}.json").stat().st_mtime
    for request in (old, wanted):
        os.utime(tmp_path / f"{request.key}.json", (now_s - KEEP_S - 5, now_s - KEEP_S - 5))
    store.want([wanted])
    assert store.prune(now_s) == 1
    assert store.take(old) is None
    assert store.take(young) is not None
    assert store.take(wanted) is not None


def test_the_folder_is_bounded(tmp_path: Path) -> None:
    store = FilePhraseStore(tmp_path)
    for seed in range(MOST_PHRASES + 20):
        store.put(replace(REQUEST, seed=seed), PHRASE)
    store.prune()
    assert len(list(tmp_path.glob("*.json"))) <= MOST_PHRASES
    assert not list(tmp_path.glob(".*"))
