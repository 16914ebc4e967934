"""The memory: bounded, and with a taste for A–B–A."""

from collections import Counter
from random import Random

from engine.music.conductor.phrase_memory import CAPACITY, PhraseMemory
from engine.music.notes import Note, Phrase


def phrase(number: int) -> Phrase:
    return Phrase((Note(0.0, 40 + number % 40, 1.0, 60),))


def filled(count: int, mood: str = "a") -> PhraseMemory:
    memory = PhraseMemory()
    for number in range(1, count + 1):
        memory = memory.with_phrase(number, phrase(number), mood)
    return memory


def test_at_most_so_many_are_kept() -> None:
    memory = filled(CAPACITY + 15)
    assert len(memory) == CAPACITY
    assert memory.entries[-1].number == CAPACITY + 15


def test_what_came_back_is_forgotten_later() -> None:
    memory = filled(CAPACITY)
    for _ in range(3):
        memory = memory.with_heard(1, 2)
    memory = memory.with_phrase(CAPACITY + 1, phrase(1), "a")
    numbers = [entry.number for entry in memory.entries]
    assert 1 in numbers
    assert 2 not in numbers


def test_the_last_phrase_never_follows_itself() -> None:
    memory = filled(3)
    assert {memory.recall(4, "a", Random(seed)).number for seed in range(50)} == {1, 2}  # type: ignore[union-attr]
    assert filled(1).recall(2, "a", Random(1)) is None
    assert PhraseMemory().recall(1, "a", Random(1)) is None


def recalled(memory: PhraseMemory, now: int, mood: str, answer: float) -> set[int]:
    found = [memory.recall(now, mood, Random(seed), answer=answer) for seed in range(50)]
    return {entry.number for entry in found if entry is not None}


def test_what_was_new_may_be_answered_at_once_but_only_once() -> None:
    memory = filled(3)
    assert recalled(memory, 4, "a", 1.0) == {3}
    assert recalled(memory, 4, "a", 0.5) == {1, 2, 3}
    assert recalled(memory, 4, "a", 0.0) == {1, 2}
    assert recalled(memory.with_heard(3, 4), 5, "a", 1.0) == {1, 2}
    assert recalled(filled(1), 2, "a", 1.0) == {1}


def test_another_mood_does_not_answer_what_was_new() -> None:
    memory = filled(3, "a").with_phrase(4, phrase(4), "b").with_phrase(5, phrase(5), "a")
    assert 5 not in recalled(memory, 6, "b", 1.0)


def test_the_phrase_before_the_last_is_likeliest() -> None:
    memory = filled(12)
    counts = Counter(memory.recall(13, "a", Random(seed)).number for seed in range(400))  # type: ignore[union-attr]
    assert counts.most_common(1)[0][0] == 11
    assert len(counts) > 6


def test_a_mood_recalls_its_own_phrases() -> None:
    memory = filled(6, "a")
    assert memory.recall(7, "b", Random(1)) is None
    for number in range(7, 11):
        memory = memory.with_phrase(number, phrase(number), "b")
    recalled = [memory.recall(11, "b", Random(seed)) for seed in range(100)]
    moods = Counter(entry.mood for entry in recalled if entry is not None)
    assert moods["b"] > 85
