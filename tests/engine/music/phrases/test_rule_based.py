"""Rule-made phrases: every machine in every scale, at every density."""

from random import Random

import pytest

from engine.music.notes import sorted_notes
from engine.music.phrases.filter import judge
from engine.music.phrases.rule_based import MACHINES, Task, machine_weights, rule_phrase
from engine.music.scale import Scale
from engine.parameters.moods import list_moods, load_mood
from engine.parameters.scales import MODES, intervals_of
from engine.parameters.sound import SoundSettings


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("mode", [*MODES, "0-7", "0-1-2"])
def test_every_machine_in_every_scale(machine: str, mode: str) -> None:
    for density, phrase_s in ((0.3, 6.0), (2.5, 20.0), (8.0, 40.0)):
        scale = Scale(3, intervals_of(mode))
        notes, pedal = MACHINES[machine](Task(scale, density, phrase_s, Random(1)))
        assert len(notes) >= 4
        assert all(scale.contains(n.pitch) and 24 <= n.pitch <= 100 and n.duration_s > 0 <= n.onset_s for n in notes)
        assert all(span.end_s > span.start_s for span in pedal)


@pytest.mark.parametrize("mood", list_moods())
def test_phrases_for_a_mood_pass_the_filter(mood: str) -> None:
    settings = load_mood(mood)
    performer = settings.performer
    ratios = []
    for seed in range(12):
        phrase = rule_phrase(seed, settings)
        assert phrase.notes == sorted_notes(phrase.notes)
        weights = Scale.from_settings(settings.scale).pitch_class_weights(1.0)
        assert judge(phrase, performer.density_notes_per_s, performer.phrase_s, weights).reasons == ()
        assert 0.5 * performer.phrase_s < phrase.length_s < 2.0 * performer.phrase_s
        ratios.append(len(phrase.notes) / phrase.length_s / performer.density_notes_per_s)
    assert 0.7 < sum(ratios) / len(ratios) < 1.3


def test_seeded() -> None:
    settings = SoundSettings()
    assert rule_phrase(1, settings) == rule_phrase(1, settings)
    assert len({rule_phrase(seed, settings).notes for seed in range(20)}) == 20


@pytest.mark.parametrize(
    ("mood", "machine"),
    [("gymnopedie", "sway"), ("gnossienne", "ornament"), ("airport", "loops"), ("vexations", "chorale"),
     ("rhodes", "lamplight"), ("night", "loops")],
)  # fmt: skip
def test_moods_get_the_machine_that_suits_them(mood: str, machine: str) -> None:
    weights = machine_weights(load_mood(mood))
    assert max(weights, key=lambda name: weights[name]) == machine
