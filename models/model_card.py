"""Measures a performer and writes its card: what it learnt, how well it predicts, what it plays and quotes."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from engine.notes import Phrase
from engine.phrase_filter import judge
from models.baselines import NGram
from models.held_out import evaluate
from models.networks import new_network
from models.performer import Performer, Wishes
from models.quotation import Quotations
from models.weight_files import content_hash

TITLES = {"performance_rnn": "Performance RNN", "piano_transformer": "Piano Transformer"}
PHRASES = 200
WISHES = Wishes(phrase_s=20.0, density_notes_per_s=2.5)
"""What the phrases of a card are asked for: the defaults of a mood."""

NGRAM_ORDER = 3
"""The order that predicts held-out playing best; longer grams are too rare in fifty hours."""


def card(name: str, weights: Path, about: str, learnt: Sequence[Phrase], held_out: Sequence[Phrase]) -> str:
    """The card as Markdown.

    Args:
        about: what a person has to say first: data, licences, stages of training, advice.
        learnt: the training material, searched for quotations; an n-gram model is fitted on it.
        held_out: playing the network has not seen.
    """
    performer = Performer(name, weights)
    steps, events = int(performer.about["steps"]), int(performer.about["events"])
    weighed = f"{TITLES[performer.kind]}, weights {content_hash(weights)}"
    lines = [
        f"# {name}",
        "",
        about.strip(),
        "",
        "## Network",
        "",
        f"{weighed}; its last stage: {events:,} events in {steps:,} steps.",
        "",
        "## Prediction",
        "",
        *_losses(performer.kind, weights, learnt, held_out),
        "",
        "## What it plays",
        "",
        *_playing(performer, learnt),
        "",
    ]
    return "\n".join(lines)


def _losses(kind: str, weights: Path, learnt: Sequence[Phrase], held_out: Sequence[Phrase]) -> list[str]:
    network = new_network(kind, weights)
    score = evaluate(network, held_out)
    rows = [
        ("this network", score.nats_per_event),
        ("this network, told density and pitch classes", evaluate(network, held_out, conditioned=True).nats_per_event),
        (
            f"{NGRAM_ORDER}-gram on the same data",
            NGram(NGRAM_ORDER).fit(learnt).score(held_out).nats_per_event,
        ),
        ("untrained", evaluate(new_network(kind, None), held_out[:3]).nats_per_event),
    ]
    return [
        f"Held out: {score.pieces} pieces, {score.events:,} events.",
        "",
        "| | nats per event |",
        "|---|---|",
        *(f"| {what} | {nats:.3f} |" for what, nats in rows),
    ]


def _playing(performer: Performer, learnt: Sequence[Phrase]) -> list[str]:
    quotations = Quotations.of(learnt)
    phrases = [performer.draw(seed, WISHES) for seed in range(PHRASES)]
    runs = [quotations.longest_run_notes(phrase) for phrase in phrases]
    verdicts = [judge(phrase, WISHES.density_notes_per_s or 1.0, WISHES.phrase_s) for phrase in phrases]
    refused = Counter(reason for verdict in verdicts for reason in verdict.reasons)
    reasons = ", ".join(f"{reason} {count}" for reason, count in refused.most_common()) or "none"
    lengths_s = [phrase.length_s for phrase in phrases]
    asked = (
        f"{WISHES.phrase_s:g} s at temperature {WISHES.temperature:g} and {WISHES.density_notes_per_s:g} notes a second"
    )
    return [
        f"{PHRASES} phrases of {asked}:",
        "",
        f"- length: {min(lengths_s):.1f} to {max(lengths_s):.1f} s",
        f"- notes a phrase: {statistics.median(len(p.notes) for p in phrases):g} (median)",
        f"- refused by the musical filter: {sum(v.phrase is None for v in verdicts)} ({reasons})",
        f"- longest run of notes that stands in the training set, in any key and tempo: {max(runs)}",
        f"- median of these runs: {statistics.median(runs):g}",
    ]
