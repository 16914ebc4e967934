"""Run in a copy of the project to which `fuzz` and `harp` were added: prints as JSON where they are found.

Not a test itself; see `tests/test_extending.py`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from engine.hub.oscquery.tree import node_at
from engine.hub.pages import place_on_pages
from engine.music.arranging.arranger import arrange
from engine.music.notes import Note, Phrase
from engine.parameters.address_table import markdown_table
from engine.parameters.addresses import TABLE, values_of
from engine.parameters.moods import parse_mood
from engine.parameters.stems import LAYERS, SAMPLE_RATE_HZ, STEMS, VOICES
from engine.sound.stem_renderer import Scheduled, SoundPath
from engine.sound.voices.soundfonts import find_soundfont

MOOD = """\
title: Test
voice: {bells: {density: 1.0}, harp: {density: 1.0, octave: -1, instrument: vibraphone}}
layer: {harp: {level_db: 0, reverb: 0, fuzz: FUZZ}}
"""
PHRASE = Phrase(tuple(Note(0.25 * n, 60 + (0, 4, 7, 12)[n % 4], 0.3, 40 + 60 * (n % 4 == 3)) for n in range(24)))


def main() -> None:
    mood = parse_mood(MOOD.replace("FUZZ", "0"), Path("test.yaml"))
    score = arrange(PHRASE, mood.sound(), seed=1)
    clean, fuzzy = (heard(amount, score) for amount in (0.0, 1.0))
    found: dict[str, Any] = {
        "stems": STEMS,
        "voices": VOICES,
        "layers": LAYERS,
        "addresses": [path for path in TABLE if "harp" in path or path.endswith("/fuzz")],
        "oscquery": node_at("/layer/harp/fuzz", {}) is not None,
        "page": place_on_pages()["/layer/harp/fuzz"][0],
        "documented": "harp" in markdown_table() and "/fuzz`" in markdown_table(),
        "doubled": [(note.onset_s, note.pitch + 12) for note in score.voices["harp"]],
        "bells": [(note.onset_s, note.pitch) for note in score.voices["bells"]],
        "level": float(np.sqrt(np.mean(clean**2))),
        "changed": float(np.sqrt(np.mean((fuzzy - clean) ** 2))),
    }
    print(json.dumps(found))


def heard(fuzz: float, score: Any) -> Any:
    """The harp's stem."""
    mood = parse_mood(MOOD.replace("FUZZ", str(fuzz)), Path("test.yaml")).sound()
    numbers = {path: float(value) for path, value in values_of(mood).items() if not isinstance(value, str)}
    path = SoundPath(1, "D", find_soundfont())
    item = Scheduled(0, score, {voice: getattr(mood.voice, voice).instrument for voice in VOICES})
    path.play(item)
    pieces = [path.render_step(numbers, "D", [item]) for _ in range(round(6 * SAMPLE_RATE_HZ / 4096))]
    path.close()
    number = STEMS.index("harp")
    return np.concatenate(pieces)[:, 2 * number : 2 * number + 2]


if __name__ == "__main__":
    main()
