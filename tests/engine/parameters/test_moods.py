"""Moods: the six that ship, and what is said about one that is wrong."""

import itertools
from itertools import combinations
from pathlib import Path

import pytest

from engine.errors import MoodError
from engine.parameters.moods import list_moods, load_mood
from engine.parameters.sound import Mood
from models.common.weights import weights_path

GOOD = "title: Test\nscale: {root: D, mode: dorian}\nlayer:\n  cello:\n    level_db: -18\n"


def complaint(tmp_path: Path, text: str) -> str:
    path = tmp_path / "test.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(MoodError) as error:
        load_mood(path)
    return str(error.value)


def test_six_moods_ship() -> None:
    assert list_moods() == ("airport", "gnossienne", "gymnopedie", "night", "rhodes", "vexations")


@pytest.mark.parametrize("name", list_moods())
def test_each_ships_whole(name: str) -> None:
    mood = load_mood(name)
    assert mood.title
    assert mood.about
    assert weights_path(mood.performer.name).is_file()
    assert mood.layer.piano.level_db > mood.layer.reverse.level_db


def test_they_really_differ() -> None:
    def flat(values: object, path: str = "") -> dict[str, object]:
        if not isinstance(values, dict):
            return {path: values}
        return {key: v for name, value in values.items() for key, v in flat(value, f"{path}/{name}").items()}

    sounds = [flat(load_mood(name).model_dump()) for name in list_moods()]
    for one, other in combinations(sounds, 2):
        assert sum(one[key] != other[key] for key in one) > 40
        assert (one["/scale/root"], one["/scale/mode"]) != (other["/scale/root"], other["/scale/mode"])


@pytest.mark.parametrize("name", list_moods())
def test_a_new_phrase_and_its_answer_take_a_minute_at_most(name: str) -> None:
    mood = load_mood(name)
    if mood.conductor.answer > 0.0:
        assert 2.0 * mood.performer.phrase_s / mood.performer.tempo <= 60.0


def test_a_mood_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(GOOD)
    assert isinstance(load_mood(tmp_path / "mine.yaml"), Mood)
    assert load_mood(str(tmp_path / "mine.yaml")).layer.cello.level_db == -18.0
    assert load_mood("mine", tmp_path).scale.mode == "dorian"
    assert list_moods(tmp_path) == ("mine",)


def test_an_unknown_name_lists_the_nearest() -> None:
    with pytest.raises(MoodError, match="Did you mean 'gymnopedie'"):
        load_mood("gymnopedy")


LAUGHS = "a: &a [x, x, x, x, x, x, x, x]\n" + "".join(
    f"{after}: &{after} [{', '.join([f'*{before}'] * 8)}]\n" for before, after in itertools.pairwise("abcdefghi")
)
"""Half a kilobyte that would be a hundred million words."""


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (GOOD + "    levle_db: 1\n", ["line 6", "layer.cello.levle_db", "unknown key", "'level_db'"]),
        (GOOD.replace("-18", "50"), ["line 5", "layer.cello.level_db", "less than or equal to 6", "50"]),
        (GOOD.replace("-18", "loud"), ["line 5", "layer.cello.level_db", "number", "'loud'"]),
        (GOOD.replace("-18", ".nan"), ["line 5", "expected a number", "'.nan'"]),
        (GOOD.replace("-18", "nan"), ["line 5", "finite"]),
        (GOOD.replace("-18", "-12,5"), ["line 5", "expected a number such as -12.5", "'-12,5'"]),
        (GOOD.replace("title: Test\n", ""), ["title", "missing"]),
        (GOOD.replace("dorian", "dorain"), ["line 2", "scale.mode", "did you mean 'dorian'"]),
        (GOOD.replace("root: D", "root: H"), ["line 2", "scale.root", "'H'"]),
        (GOOD + "voice: {bells: {instrument: bell}}\n", ["line 6", "voice.bells.instrument", "'bells'"]),
        (GOOD + "voice: {piano: 3}\n", ["line 6", "voice.piano", "expected keys and values", "instrument"]),
        (GOOD + "layers: {}\n", ["line 6", "unknown key 'layers'", "'layer'"]),
        (GOOD + "title: Again\n", ["line 6", "already given in line 1"]),
        ("title: [Test\nscale: {", ["line", "column", "not valid YAML"]),
        ("title: !cello X\n", ["line 1", "not valid YAML", "'!cello'"]),
        ("? [a, b]\n: X\n", ["not valid YAML", "unhashable"]),
        ("title: &a [*a]\n", ["title", "nested too deeply"]),
        (LAUGHS, ["repeated too often"]),
        (f"title: 0x{'f' * 5000}\n", ["title", "at most 40", "…"]),
        (f"title: [{'x' * 5000}]\n", ["title", "…"]),
        ("- a\n- b\n", ["expected keys and values"]),
        ("", ["expected keys and values"]),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, text: str, parts: list[str]) -> None:
    said = complaint(tmp_path, text)
    for part in ("test.yaml", *parts):
        assert part in said


def test_every_mistake_is_named_at_once(tmp_path: Path) -> None:
    said = complaint(tmp_path, GOOD + "    colour: red\nconductor: {recall: 2}\n")
    assert len(said.splitlines()) == 2


def test_unreadable_files(tmp_path: Path) -> None:
    with pytest.raises(MoodError, match="cannot be read"):
        load_mood(tmp_path / "none.yaml")
    (tmp_path / "latin.yaml").write_bytes("title: Gymnopédie".encode("latin-1"))
    with pytest.raises(MoodError, match="UTF-8"):
        load_mood(tmp_path / "latin.yaml")
    (tmp_path / "huge.yaml").write_text("# " + "x" * 200_000)
    with pytest.raises(MoodError, match="larger than"):
        load_mood(tmp_path / "huge.yaml")
