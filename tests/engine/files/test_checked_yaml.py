"""Words are words where words are asked for, whatever YAML 1.1 makes of them."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict

from engine.errors import MoodError
from engine.files.checked_yaml import parse_document
from engine.parameters.moods import parse_mood


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)
    title: str = ""
    visitors: Literal["off", "on", "yes", "no", "y", "n", "true", "null"] | None = None
    mute: bool = False
    count: int = 0
    level_db: float = 0.0
    names: dict[str, str] = {}
    words: tuple[str, ...] = ()


def read(text: str) -> Model:
    return parse_document(text, Path("a.yaml"), Model, MoodError, "mood").model


def complaint(text: str) -> str:
    with pytest.raises(MoodError) as error:
        read(text)
    return str(error.value)


@pytest.mark.parametrize("word", ["off", "on", "yes", "no", "y", "n", "true"])
def test_a_word_is_a_word_plain_and_quoted(word: str) -> None:
    assert read(f"visitors: {word}").visitors == word
    assert read(f'visitors: "{word}"').visitors == word
    assert read(f"{{title: {word}, names: {{{word}: {word}}}}}").names == {word: word}


def test_the_example_of_the_readme() -> None:
    mood = parse_mood("title: Alone\nperformer: {visitors: off}\n", Path("alone.yaml"))
    assert mood.performer.visitors == "off"


TITLES = ["No", "1984", "010", "1e3", "0x10", "12:30", "2026-11-25", "2026-13-01", "1_000", ".5", "true", "=", "3.10"]


@pytest.mark.parametrize("title", TITLES)
def test_a_title_is_what_was_written(title: str) -> None:
    assert read(f"title: {title}").title == title


@pytest.mark.parametrize("nothing", ["", "~", "null"])
def test_nothing_is_nothing(nothing: str) -> None:
    assert read(f"visitors: {nothing}").visitors is None


@pytest.mark.parametrize("word", ["on", "yes", "true", "On", "YES", "True", "1"])
def test_a_switch_takes_the_words_for_on(word: str) -> None:
    assert read(f"mute: {word}").mute is True


@pytest.mark.parametrize("word", ["off", "no", "false", "Off", "NO", "False", "0"])
def test_a_switch_takes_the_words_for_off(word: str) -> None:
    assert read(f"mute: {word}").mute is False


@pytest.mark.parametrize(("text", "value"), [("8", 8), ("010", 10), ("-3", -3), ("+3", 3), ("1_000", 1000)])
def test_whole_numbers_are_decimal(text: str, value: int) -> None:
    assert read(f"count: {text}").count == value


@pytest.mark.parametrize(("text", "value"), [("-12", -12.0), ("-.5", -0.5), ("1e3", 1000.0), ("1.5e-1", 0.15)])
def test_numbers(text: str, value: float) -> None:
    assert read(f"level_db: {text}").level_db == value


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("level_db: 9:00", "line 1, level_db: expected a number such as -12.5, not '9:00'"),
        ("level_db: -12,5", "line 1, level_db: expected a number such as -12.5, not '-12,5'"),
        ("count: 1.5", "line 1, count: expected a whole number, not '1.5'"),
        ("count: 1:30", "line 1, count: expected a whole number, not '1:30'"),
        ("mute: maybe", "line 1, mute: expected on or off (yes and no, true and false do as well), not 'maybe'"),
        ("visitors: of", "line 1, visitors: 'of' is not one of off, on, yes, no, y, n, true, null. Did you mean 'off'"),
        ("visitors: OF", "line 1, visitors: 'OF' is not one of off, on, yes, no, y, n, true, null. Did you mean 'off'"),
        ("words: rain", "line 1, words: expected a list such as [one, two], not 'rain'"),
        ("title:", "line 1, title: expected a word; in quotes where nothing else is meant, not None"),
    ],
)
def test_what_is_none_of_it_is_said_with_what_was_expected(text: str, said: str) -> None:
    assert complaint(text).startswith(f"a.yaml, {said}")


def test_merged_keys_and_tags_are_as_ever() -> None:
    assert read("<<: {title: x}\nmute: on").title == "x"
    assert "not valid YAML" in complaint("title: !cello x")
