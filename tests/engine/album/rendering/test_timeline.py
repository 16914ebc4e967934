"""A track through the engine: as long as its plan, its scores at their places, its chords early for the vocoder."""

from __future__ import annotations

import numpy as np
import pytest

from engine.album.performance.played import Placed, Played
from engine.album.plan.plan import RecordPlan
from engine.album.rendering.timeline import render_track, schedule, track_frames
from engine.music.notes import Note, Phrase, Score
from engine.parameters.stems import CHANNELS, SAMPLE_RATE_HZ, STEMS
from engine.sound.semitone_vocoder import LATENESS_FRAMES
from engine.sound.voices.band import EVENT_FRAMES


def placed(*starts_s: float) -> Played:
    notes = (Note(0.5, 62, 0.5, 90),)
    score = Score({"piano": notes, "chords": notes}, (), 2.0)
    return Played(tuple(Placed(start_s, score, "opening", Phrase(notes)) for start_s in starts_s))


def test_scores_begin_on_the_grid_of_the_voices_with_the_instruments_of_the_track(plan: RecordPlan) -> None:
    track = plan.tracks[0]
    items = schedule(track, placed(0.0, 3.21))
    assert [item.start_frame % EVENT_FRAMES for item in items] == [0, 0]
    assert items[1].start_frame == pytest.approx(3.21 * SAMPLE_RATE_HZ, abs=EVENT_FRAMES / 2)
    assert items[0].instruments["chords"] == "piano"


def test_chords_are_played_to_a_vocoder_early_but_never_before_the_track(plan: RecordPlan) -> None:
    with_vocoder, without = plan.tracks
    early_s = LATENESS_FRAMES / SAMPLE_RATE_HZ
    first, later = (item.score.voices["chords"][0].onset_s for item in schedule(with_vocoder, placed(0.0, 5.0)))
    assert (first, later) == (0.5, pytest.approx(0.5 - early_s))
    assert [item.score.voices["chords"][0].onset_s for item in schedule(without, placed(5.0))] == [0.5]
    assert schedule(with_vocoder, placed(5.0))[0].score.voices["piano"][0].onset_s == 0.5


def test_it_is_as_long_as_its_plan_to_the_frame_and_sounds_where_its_notes_are(plan: RecordPlan) -> None:
    track = plan.tracks[1]
    silence = {name: np.zeros((1, SAMPLE_RATE_HZ), np.float32) for name in track.track.textures}
    steps = list(render_track(track, placed(4.0), silence, 1, None))
    sound = np.concatenate(steps)
    assert sound.shape == (track_frames(track), CHANNELS)
    piano = np.abs(sound[:, 2 * STEMS.index("piano")])
    assert piano[: 4 * SAMPLE_RATE_HZ].max() < 1e-4
    assert piano[round(4.5 * SAMPLE_RATE_HZ) : 5 * SAMPLE_RATE_HZ].max() > 0.001
