"""Records survive anything that happens to the rest of their file."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.journal.records import DEFLATED, HEADER_BYTES, MOST_BYTES, PLAIN, Damage, decode_all, encode

RECORDS: list[dict[str, Any]] = [
    {"kind": "segment", "run": "a1b2", "wall_s": 1.5},
    {"kind": "score", "notes": [[place * 17 % 700, 60 + place % 12, 90, 64] for place in range(60)]},
    {"kind": "set", "values": {"/layer/cello/level_db": -20.5}},
    {"kind": "mood", "title": "Gymnopédie", "about": "\xabAJ\x01 in a text is no mark"},
]
ENCODED = [encode(record) for record in RECORDS]
WHOLE = b"".join(ENCODED)


def whole(data: bytes) -> list[dict[str, Any]]:
    return [item for item in decode_all(data) if not isinstance(item, Damage)]


def test_records_come_back_and_long_ones_are_deflated() -> None:
    assert list(decode_all(WHOLE)) == RECORDS
    assert ENCODED[0].startswith(PLAIN)
    assert ENCODED[1].startswith(DEFLATED)
    assert len(ENCODED[1]) < len(json.dumps(RECORDS[1])) / 2


def test_cut_at_every_byte_all_records_before_the_cut_are_there() -> None:
    ends = np.cumsum([len(record) for record in ENCODED])
    for cut in range(len(WHOLE) + 1):
        complete = int((ends <= cut).sum())
        items = list(decode_all(WHOLE[:cut]))
        assert items[:complete] == RECORDS[:complete]
        lost = cut - int(ends[complete - 1] if complete else 0)
        assert items[complete:] == ([Damage(cut - lost, lost)] if lost else [])


def test_a_flipped_bit_at_any_byte_costs_one_record_and_says_where() -> None:
    starts = [0, *np.cumsum([len(record) for record in ENCODED]).tolist()]
    rng = np.random.default_rng(1)
    for place in range(len(WHOLE)):
        damaged = bytearray(WHOLE)
        damaged[place] ^= 1 << int(rng.integers(8))
        hit = sum(start <= place for start in starts) - 1
        assert whole(bytes(damaged)) == RECORDS[:hit] + RECORDS[hit + 1 :]
        assert Damage(starts[hit], len(ENCODED[hit])) in list(decode_all(bytes(damaged)))


@given(st.binary(max_size=300), st.integers(0, len(RECORDS) - 1))
def test_whatever_precedes_a_record_it_is_found(rubbish: bytes, which: int) -> None:
    assert RECORDS[which] in whole(rubbish + ENCODED[which])


def test_a_length_that_claims_gigabytes_is_not_believed() -> None:
    lying = ENCODED[0][:4] + b"\xff\xff\xff\xff" + ENCODED[0][8:]
    assert whole(lying + ENCODED[2]) == [RECORDS[2]]
    assert len(ENCODED[0]) > HEADER_BYTES


def test_what_json_cannot_hold_is_refused() -> None:
    for wrong in ({"x": float("nan")}, {"x": "y" * (MOST_BYTES + 1)}):
        with pytest.raises(ValueError, match=r"JSON compliant|more than"):
            encode(wrong)
