"""One word, one meaning: a word of the glossary names a module only where it means what the glossary says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
GLOSSARY = ROOT / "docs" / "glossary.md"

PLACES = {
    "album": ("engine/album",),
    "archivist": ("engine/history/archive",),
    "arranger": ("engine/music/arranging",),
    "card": (  # of a model; and the sound card, which everybody calls so
        *("models/common/card_header", "models/performers/evaluation", "engine/room/card_channels"),
        "engine/room/sound_cards",
    ),
    "corpus": ("models/performers/corpus", "models/textures/corpus"),
    "conditioning": ("models/performers/vocabulary",),
    "conductor": ("engine/music/conductor",),
    "day": ("engine/cli/day", "engine/journal/days"),  # a public command; the journal by day
    "desk": (),
    "era": ("models/performers/training/eras",),
    "hub": ("engine/hub",),
    "accompaniment": ("models/performers/accompaniment", "engine/cli/networks/accompaniment"),
    "humaniser": ("models/performers/humaniser", "engine/cli/networks/humaniser"),
    "interpolation": (
        *("models/performers/interpolation", "engine/cli/networks/interpolation"),
        "engine/music/conductor/interpolation",
    ),
    "passage": ("models/performers/interpolation", "models/performers/corpus/recurring_passages"),
    "journal": (
        "engine/journal",
        "engine/cli/journal",
        "engine/renderer/engine_journal",
        "engine/hub/sessions/from_journal",
    ),
    "keep": ("engine/cli/keep",),  # a public command
    "layer": ("engine/sound/layers",),
    "leveller": ("engine/sound/leveller",),
    "mood": ("engine/parameters", "engine/cli/moods"),
    "performer": ("models/performers",),
    "phrase": ("engine/music", "engine/journal/phrases", "engine/cli/networks/phrases", "models/performers"),
    "plan": ("engine/album/plan", "engine/hub/schedule/plan", "models/textures"),
    "presence": ("engine/hub/presence",),
    "quotation": ("models/performers/quotation",),
    "recipe": ("engine/album",),
    "record": ("engine/journal/records",),  # one entry; what is rendered from a sheet is an album
    "reel": ("engine/reels",),
    "renderer": ("engine/renderer", "engine/sound/stem_renderer"),
    "replay": ("engine/history/replay",),
    "sketch": ("models/textures",),
    "report": (  # a page for people, or what a process tells another
        *("engine/album/report", "engine/cli/report", "engine/supervision/monitoring/report"),
        *(
            "models/performers/evaluation/quality_report",
            "engine/renderer/reports",
            "engine/supervision/report_handlers",
        ),
    ),
    "return": ("engine/album/measurement/theme_returns",),
    "ring": ("engine/history/archive/ring",),
    "room": (
        *("engine/room", "engine/cli/room", "engine/parameters/room"),
        *("engine/journal/room_journal", "engine/supervision/room_failover"),
    ),
    "sampler": ("engine/sampler",),
    "scale": ("engine/music/scale", "engine/parameters/scales"),
    "schedule": ("engine/hub/schedule",),
    "score": ("engine/renderer/score_json",),
    "section": ("engine/album/performance/section_take",),
    "seed": ("engine/cli/terminal/seeds",),
    "session": ("engine/hub/sessions", "engine/cli/sessions"),
    "stem": ("engine/parameters/stems", "engine/sound/stem_renderer", "engine/album/sound_files/stem_store"),
    "role": ("engine/hub/oscquery/roles",),
    "alert": ("engine/supervision/alerts", "engine/cli/alerts"),
    "web": ("engine/hub/oscquery/web_process",),
    "supervisor": ("engine/supervision",),
    "surface": ("engine/cli/surface",),
    "take": ("engine/album/performance/section_take",),
    "theme": (
        *("engine/album/performance/theme", "engine/album/measurement/theme_returns"),
        "engine/music/conductor/themes",
    ),
    "texture": (
        *("models/textures", "engine/sound/textures", "engine/cli/networks"),
        *("engine/sampler/texture_generation", "engine/history/replay/textures"),
    ),
    "visitor": ("engine/hub/midi/visitor", "engine/music/conductor/visitor_reply"),
    "voice": ("engine/sound/voices",),
}
"""Where modules and packages may have the word, in the singular or plural, in their names."""

GONE = {
    *("watchman", "remedies", "lasting", "teller", "strands", "striking", "attuning", "manners", "pacing"),
    *(
        "wishes",
        "foretold",
        "told",
        "gate",
        "outlets",
        "audience",
        "crew",
        "parts",
        "guest",
        "chance",
        "curves",
        "commands",
    ),
}
"""Words that had a name of the field's own, which they bear now."""


def named() -> Iterator[tuple[str, str]]:
    """Each module and package (as a path without its ending), and one word of its name."""
    for path in sorted(p for top in ("engine", "models") for p in (ROOT / top).rglob("*.py")):
        where = path.parent if path.name == "__init__.py" else path.with_suffix("")
        for word in re.split("_+", where.name.strip("_")):
            yield where.relative_to(ROOT).as_posix(), word


def means(word: str, found: str) -> bool:
    return found in (word, f"{word}s")


@pytest.mark.parametrize("word", PLACES)
def test_a_word_stands_only_where_it_means_what_the_glossary_says(word: str) -> None:
    elsewhere = {where for where, found in named() if means(word, found) and not where.startswith(PLACES[word] or "/")}
    assert elsewhere == set()


def test_words_that_were_given_up_do_not_come_back() -> None:
    assert {where for where, found in named() if found in GONE} == set()


@pytest.mark.skipif(not GLOSSARY.exists(), reason="there is no glossary")
def test_every_word_of_the_glossary_that_a_module_is_called_by_has_its_places() -> None:
    words = re.findall(r"^([a-z]+)\n:  ", GLOSSARY.read_text("utf-8"), re.MULTILINE)
    assert len(words) > 20
    used = {word for word in words for _, found in named() if means(word, found)}
    assert used - set(PLACES) == set()
