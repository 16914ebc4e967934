"""Guidance: two streams where something is asked, and the way from the free one through the asked one."""

from __future__ import annotations

import numpy as np

from models.performers.drawing.guidance import guided, stream_count

ASKED, NOTHING = np.array([0.0, 1.0], np.float32), np.zeros(2, np.float32)


def test_two_streams_only_where_their_difference_counts() -> None:
    assert stream_count(ASKED, 2.5) == 2
    assert stream_count(ASKED, 1.0) == 1
    assert stream_count(NOTHING, 2.5) == 1


def test_a_guidance_of_one_is_what_was_asked_and_more_goes_beyond() -> None:
    logits = np.array([[1.0, 4.0], [3.0, 2.0]], np.float32)
    assert guided(logits, 1.0).tolist() == [1.0, 4.0]
    assert guided(logits, 0.0).tolist() == [3.0, 2.0]
    assert guided(logits, 2.0).tolist() == [-1.0, 6.0]
    assert guided(logits[:1], 2.0).tolist() == [1.0, 4.0]
