"""A track through the engine: the same sound path that plays the room, driven by a timeline."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.album.performance.played import Played
from engine.album.plan.automation import Automation
from engine.album.plan.plan import PlannedTrack
from engine.album.rendering.air import Sound, clip_players
from engine.music.notes import Score
from engine.parameters.stems import SAMPLE_RATE_HZ, STEMS, TEXTURES, VOICES
from engine.sound.layers.manual_server import STEP_FRAMES
from engine.sound.semitone_vocoder import LATENESS_FRAMES, SemitoneVocoder
from engine.sound.stem_renderer import Scheduled, SoundPath
from engine.sound.voices.band import EVENT_FRAMES

STEP_S: Final = STEP_FRAMES / SAMPLE_RATE_HZ


def track_frames(track: PlannedTrack) -> int:
    """Length of a track at the engine's rate."""
    return round(track.length_s * SAMPLE_RATE_HZ)


def render_track(
    track: PlannedTrack, played: Played, sounds: Mapping[str, Sound], seed: int, soundfont: Path | None
) -> Iterator[NDArray[np.float32]]:
    """The stems of a whole track in steps [up to STEP_FRAMES, CHANNELS] float32, as long as the track exactly.

    `sounds` are its textures, [takes x frames] at the engine's rate by name. The same arguments give the same bits.
    """
    frames = track_frames(track)
    steps = -(-frames // STEP_FRAMES)
    times_s = np.arange(1, steps + 1, dtype=np.float64) * STEP_S
    numbers = Automation(track.settings, track.curves, times_s, track.dynamics)
    clips = clip_players(track, sounds)
    scheduled = schedule(track, played)
    path = SoundPath(seed, track.settings.scale.root, soundfont, treat=_treatment(track))
    try:
        for item in scheduled:
            path.play(item)
        for step in range(steps):
            air = {stem: np.zeros((2, STEP_FRAMES), np.float32) for stem in TEXTURES}
            for clip in clips:
                clip.add_to(air[clip.stem], path.frame)
            stems = path.render_step(numbers.values(step), track.settings.scale.root, scheduled, air)
            yield stems[: frames - step * STEP_FRAMES]
    finally:
        path.close()


def schedule(track: PlannedTrack, played: Played) -> list[Scheduled]:
    """A track's scores in frames, with the instruments of its voices."""
    instruments = {name: str(getattr(track.settings.voice, name).instrument) for name in VOICES}
    early_s = LATENESS_FRAMES / SAMPLE_RATE_HZ if track.track.vocoder else 0.0
    return [
        Scheduled(
            round(item.start_s * SAMPLE_RATE_HZ / EVENT_FRAMES) * EVENT_FRAMES,
            _chords_earlier(item.score, min(early_s, item.start_s)),
            instruments,
        )
        for item in played.placed
    ]


def _chords_earlier(score: Score, early_s: float) -> Score:
    """The vocoder is late, so what it is to say is played to it early."""
    chords = tuple(replace(note, onset_s=note.onset_s - early_s) for note in score.voices.get("chords", ()))
    return replace(score, voices={**score.voices, "chords": chords})


def _treatment(track: PlannedTrack) -> Callable[[NDArray[np.float32]], None] | None:
    """What is done to the dry stems of a track: its chords through the vocoder, if it has one."""
    settings = track.track.vocoder
    if settings is None:
        return None
    vocoder, chords, carrier = SemitoneVocoder(), 2 * STEMS.index("chords"), 2 * STEMS.index(settings.carrier)
    share = np.float32(settings.share)

    def treat(dry: NDArray[np.float32]) -> None:
        own, voice = dry[chords : chords + 2], dry[carrier : carrier + 2]
        spoken = vocoder.process(0.5 * (own[0] + own[1]), 0.5 * (voice[0] + voice[1]))
        own[:] = (1 - share) * own + share * spoken

    return treat
