"""The whole way from conductor to finished stems, without sockets or files of its own: live and for records alike."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.music.conductor.conductor import Conductor
from engine.music.conductor.phrase_endings import best_end_s, cut_short
from engine.music.held_chord import chord_scale, steered
from engine.music.key_events import KeyEvent
from engine.music.scale import Scale
from engine.parameters.addresses import set_value
from engine.parameters.glide import NOTE_NUMBERS, Glide
from engine.parameters.sound import Mood, SoundSettings, TextureSettings
from engine.parameters.stems import SAMPLE_RATE_HZ, TEXTURES, VOICES
from engine.reels.format import LEAD_REELS, REEL_FRAMES
from engine.renderer.snapshot import StudioSnapshot
from engine.sound.layers.manual_server import STEP_FRAMES
from engine.sound.leveller import Leveller
from engine.sound.reverse_reverb import LEAD_FRAMES
from engine.sound.stem_renderer import Scheduled, SoundPath
from engine.sound.textures.library import scale_classes
from engine.sound.textures.loader import LoopLoader
from engine.sound.textures.player import OnTexture, Player, TextureChoice, TexturePlayer
from engine.sound.textures.treatment import Treatment
from engine.sound.voices.band import RING_OUT_S, event_frame

HAND_GLIDE_S: Final = STEP_FRAMES / SAMPLE_RATE_HZ
"""A number changed by hand arrives within one step: fast enough to feel direct, slow enough not to click."""

STEERED_RING_S: Final = 0.12
"""When a chord is held, what sounds on in another harmony is let go within this."""

_TEXTURES_BEGIN: Final = LEAD_REELS * REEL_FRAMES
"""The first reels are wanted at once, and fitting textures takes the processor for a while."""

Report = Callable[[str, str, str], None]
"""Told (kind, subject, text): ("texture", stem, file name) or ("error", subject, what is wrong)."""

OnScore = Callable[[int, Scheduled], None]
"""Told each score, with the frame at which it was scheduled."""


class Studio:
    """Renders all stems in steps of `STEP_FRAMES`. Same seed, conductor, settings and files: same sound, bit for bit.

    That is so unless it is `live`: then textures are fitted in a thread beside the rendering, which never waits for
    them, and begin when they are ready. `textures` are folders; where a name occurs twice, the earlier one counts.

    With `fits_textures` off they are streamed as they are, at the octave and in the direction asked for: nothing of
    them is held in memory, and what does not fit the scale stays.

    `on_score` and `on_texture` are told what is decided, `on_key` what the voices play, key by key. `players` play the
    texture stems in place of its own; `resume` goes on where another studio stood that had `settings`, without what
    rang there.

    One studio per process at a time, since pyo has one server; call `close` before making the next.
    """

    def __init__(
        self,
        conductor: Conductor,
        settings: SoundSettings,
        *,
        seed: int = 1,
        soundfont: Path | None = None,
        textures: Sequence[Path] = (),
        live: bool = False,
        fits_textures: bool = True,
        report: Report | None = None,
        on_score: OnScore | None = None,
        on_texture: OnTexture | None = None,
        on_key: Callable[[KeyEvent], None] | None = None,
        players: Mapping[str, Player] | None = None,
        resume: StudioSnapshot | None = None,
    ) -> None:
        report = report or _tell_nobody
        self.settings = settings.model_copy(deep=True)
        self.conductor = conductor
        self.started: deque[tuple[int, str]] = deque(maxlen=64)
        """Start frames and origins of the latest scores, oldest first; the last may still be to come."""
        first_frame = resume.frame if resume else 0
        self._path = SoundPath(seed, self.settings.scale.root, soundfont, first_frame, on_key=on_key)
        if self._path.why_not_soundfont:
            report("error", "voices", self._path.why_not_soundfont)
        self._loader, self._fits_textures = LoopLoader(patient=not live), fits_textures
        self._players: Mapping[str, Player] = players or {
            stem: _player(stem, textures, seed, self._loader, report, on_texture) for stem in TEXTURES
        }
        self._leveller = Leveller(STEP_FRAMES)
        self._glide = Glide(self.settings)
        self._scheduled: list[Scheduled] = []
        self._chord: Scale | None = None
        """What is held: the harmony of all scores, while it is."""
        self._roots: deque[tuple[int, str]] = deque()
        """Tonics with the frames from which they count: they change with the phrase."""
        self._next_start = 0
        self._on_score = on_score
        if resume is not None:
            self._resume(resume)
        self._choose_textures()

    @property
    def frame(self) -> int:
        """Frames rendered so far."""
        return self._path.frame

    @property
    def nonfinite(self) -> int:
        """Stems silenced for a step because they held a NaN or infinity, so far."""
        return self._path.nonfinite

    @property
    def notes_begun(self) -> int:
        """Notes begun so far on layers that were not closed then."""
        return self._path.notes_begun

    @property
    def state(self) -> StudioSnapshot:
        """Where it stands between two steps, without what rings."""
        return StudioSnapshot(
            frame=self.frame,
            next_start=self._next_start,
            journeys=self._glide.journeys,
            leveller=self._leveller.state,
            textures={stem: player.state for stem, player in self._players.items()},
            scheduled=tuple(self._scheduled),
            roots=tuple(self._roots),
        )

    @property
    def upcoming(self) -> str:
        """Origin of the score that follows the one being rendered."""
        later = [item.score.origin for item in self._scheduled if item.start_frame > self.frame]
        return later[0] if later else self.conductor.upcoming

    @property
    def textures(self) -> frozenset[Path]:
        """The texture files in use, which must not be removed now."""
        return frozenset(path for player in self._players.values() for path in player.files)

    def change_mood(self, mood: Mood, morph_s: float) -> None:
        """Glide to the numbers of `mood` in `morph_s`; its notes begin within that time, where a phrase may end.

        Another change may come at any time, and goes on from wherever this one is.
        """
        self.conductor.change_mood(mood)
        self.settings = mood.sound()
        self._glide.aim(self.settings, morph_s)
        self._choose_textures(morph_s)
        self._end_phrase_within(morph_s)

    def change_settings(self, settings: SoundSettings, glide_s: float = HAND_GLIDE_S) -> None:
        """Take new values: numbers of sound at once, what concerns notes from the next phrase on."""
        self.conductor.set_settings(settings.model_copy(deep=True))
        self.settings = settings.model_copy(deep=True)
        self._glide.aim(self.settings, glide_s)
        self._choose_textures(glide_s)

    def change_conductor(self, conductor: Conductor) -> None:
        """Go on with another conductor (another seed), beginning with a phrase of its own now."""
        self.conductor = conductor
        self.next_phrase()

    def next_phrase(self, within_s: float = 0.0) -> None:
        """Begin another phrase, within that time where the one that plays may best end; what sounds rings out."""
        self._end_phrase_within(within_s)

    def steer(self, keys: Sequence[int]) -> None:
        """All that begins from now on is in the harmony of these keys, until others are held. Without any the phrase
        that plays ends as it is, and the next is the mood's again."""
        self._chord = chord_scale(keys)
        if self._chord is not None:
            self._path.cut(self.frame, STEERED_RING_S)
            self._scheduled = [self._in_harmony(item) for item in self._scheduled]
            for item in self._scheduled:
                self._path.play(item)
            self._path.restart_reverse(self._scheduled)

    def _in_harmony(self, item: Scheduled) -> Scheduled:
        if self._chord is None:
            return item
        now_s = max(self.frame - item.start_frame, 0) / SAMPLE_RATE_HZ
        return item._replace(score=steered(item.score, self._chord, now_s))

    def _end_phrase_within(self, seconds: float) -> None:
        """Drop what was to come, and end the phrase that plays where it may best end within that time."""
        playing = next((item for item in self._scheduled if item.start_frame < self.frame), None)
        end_frame = self.frame
        if playing is not None and seconds > 0.0:
            now_s = (self.frame - playing.start_frame) / SAMPLE_RATE_HZ
            end_s = best_end_s(playing.score, now_s, now_s + seconds)
            end_frame = max(self.frame, event_frame(playing.start_frame, end_s))
            playing = playing._replace(score=cut_short(playing.score, end_s, RING_OUT_S))
        self._path.cut(end_frame)
        self._scheduled = [playing] if playing is not None and end_frame > self.frame else []
        while self.started and self.started[-1][0] >= self.frame:
            self.started.pop()
        while len(self._roots) > 1 and self._roots[-1][0] >= self.frame:
            self._roots.pop()
        self._next_start = end_frame
        self._schedule()
        self._path.restart_reverse(self._scheduled)

    def render_step(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The next step: stems [STEP_FRAMES, CHANNELS] and their stereo sum [STEP_FRAMES, 2], float32."""
        self._schedule()
        self._glide.advance(STEP_FRAMES / SAMPLE_RATE_HZ)
        players = self._players.items() if self.frame >= _TEXTURES_BEGIN else ()
        readings = {stem: player.read() for stem, player in players}
        while len(self._roots) > 1 and self._roots[1][0] <= self.frame:
            self._roots.popleft()
        stems = self._path.render_step(self._glide.values(), self._roots[0][1], self._scheduled, readings=readings)
        return stems, self._leveller.process(stems)

    def close(self) -> None:
        for player in self._players.values():
            player.close()
        self._loader.close()
        self._path.close()

    def _schedule(self) -> None:
        """Fetch scores until they reach as far as the reversed piano looks ahead."""
        while self._next_start < self.frame + LEAD_FRAMES + 2 * STEP_FRAMES:
            self.conductor.set_settings(self._settings_on_the_way())
            score = self.conductor.next_score()
            voices = self.settings.voice
            instruments = {name: str(getattr(voices, name).instrument) for name in VOICES}
            item = self._in_harmony(Scheduled(self._next_start, score, instruments))
            self._scheduled.append(item)
            self._roots.append((item.start_frame, self.settings.scale.root))
            self.started.append((item.start_frame, score.origin))
            self._next_start = item.end_frame
            if self._on_score:
                self._on_score(self.frame, item)
            self._path.play(item)
        self._scheduled = [item for item in self._scheduled if item.end_frame > self.frame]

    def _settings_on_the_way(self) -> SoundSettings:
        """The settings with the numbers that shape notes as they will be in the middle of the phrase to come, which
        matters while a mood glides in."""
        settings = self.settings.model_copy(deep=True)
        starts_s = (self._next_start - self.frame) / SAMPLE_RATE_HZ
        values = self._glide.values(starts_s + settings.performer.phrase_s / 2)
        for path in NOTE_NUMBERS:
            set_value(settings, path, values[path])
        return settings

    def _choose_textures(self, glide_s: float = 0.0) -> None:
        scale = scale_classes(Scale.from_settings(self.settings.scale))
        for stem, player in self._players.items():
            choice = texture_choice(getattr(self.settings.layer, stem), scale)
            player.choose(choice if self._fits_textures else choice.unfitted(), glide_s)

    def resume_level(self, state: Mapping[str, float | None]) -> None:
        """Take the loudness of the whole from a state of this very frame (`StudioSnapshot.leveller`)."""
        self._leveller.resume(state)

    def _resume(self, state: StudioSnapshot) -> None:
        """The players given see to the textures themselves."""
        self._next_start = state.next_start
        self._glide.resume(state.journeys)
        self._leveller.resume(state.leveller)
        self._scheduled, self._roots = list(state.scheduled), deque(state.roots)
        for item in self._scheduled:
            self._path.play(item)


def _tell_nobody(kind: str, subject: str, text: str) -> None:
    pass


def texture_choice(layer: TextureSettings, scale: tuple[int, ...]) -> TextureChoice:
    """What a texture's settings ask of its player; `scale` holds the music's pitch classes."""
    treatment = Treatment(
        scale=scale,
        dissonance=layer.dissonance,
        pair=layer.pair,
        top=layer.top,
        lower_noise=layer.lower_noise,
        reverse=layer.reverse,
        octave=layer.octave,
    )
    return TextureChoice(layer.file, scale, treatment)


def _player(
    stem: str,
    folders: Sequence[Path],
    seed: int,
    loader: LoopLoader,
    report: Report,
    on_texture: OnTexture | None,
) -> TexturePlayer:
    return TexturePlayer(
        stem,
        folders,
        seed,
        loader,
        lambda name: report("texture", stem, name),
        on_texture,
    )
