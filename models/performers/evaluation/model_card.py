"""Measures a performer and writes its card: what it learnt, how well it predicts, what it plays and quotes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from models.common.card_header import CARD, CardHeader, read_card, with_header
from models.common.weights import content_hash
from models.performers.corpus.held_out import Score, evaluate
from models.performers.criticism.critic import FILE_NAME as CRITIC
from models.performers.criticism.critic import UNASKED_FILE_NAME as UNASKED_CRITIC
from models.performers.criticism.critic import Critic
from models.performers.drawing.dequantising import FILE_NAME as DEQUANTISER
from models.performers.drawing.dequantising import Dequantiser
from models.performers.drawing.note_lengths import FILE_NAME as NOTE_LENGTHS
from models.performers.drawing.note_lengths import NoteLengths
from models.performers.drawing.performer import Performer
from models.performers.drawing.rejection_sampling import draw_kept
from models.performers.drawing.unasked import unasked_beside
from models.performers.evaluation.baselines import NGram
from models.performers.evaluation.critic_training import trained_critic, trained_unasked_critic
from models.performers.evaluation.pictures import draw_phrases
from models.performers.evaluation.quality_report import DEFAULTS, MOOD, Material, draw_playing, report
from models.performers.quotation.quotation import FILE_NAME as QUOTATIONS
from models.performers.quotation.quotation import Quotations
from models.performers.quotation.recognition import BOOK
from models.performers.training.kinds import new_network

TITLES = {"performance_rnn": "Performance RNN", "piano_transformer": "Piano Transformer"}
PHRASES = 200
PICTURED = 6
PICTURE = "phrases.png"
LONGEST_EVENTS = 1_000
"""Of each held-out piece the network is measured on so many events from the start; it remembers no longer anyway."""

NGRAM_ORDER = 3
"""The order that predicts held-out playing best; longer grams are too rare in fifty hours."""

BEGIN = "## Network"


def write_card(
    name: str,
    weights: Path,
    material: Material,
    about: Path | None = None,
    count: int = PHRASES,
    learn_critic: bool = True,
    aim: float = 1.0,
    write_index: bool = True,
) -> CardHeader:
    """Measures, and writes card, quotation index (of a book known by heart: its own) and a picture of phrases.

    Args:
        about: Markdown with what a person has to say (data, stages of training, advice), under a header with `data` and
            `licence`; None keeps what the present card says.
        count: phrases drawn to measure.
        learn_critic: two, from these phrases; otherwise those beside the weights stay, or there are none.
        aim: so many times as steady as people phrases are aimed to be, where a mood asks for no beat.
        write_index: of quotations, with what else drawing knows of the material; otherwise those beside the weights
            stay, with which albums may have been drawn.
    """
    folder = weights.parent
    said, prose = _said(about or folder / CARD)
    if write_index:
        _write_what_it_learnt(folder, material, bool(said.by_heart))
    quotations = Quotations.load(folder / (BOOK if said.by_heart else QUOTATIONS))
    performer = Performer(name, weights)
    score, losses = _losses(performer.kind, weights, material)
    playing = draw_playing(performer, material, count, unasked_beside(weights))
    if learn_critic:
        _save(trained_critic(playing, material, aim), folder / CRITIC)
        _save(trained_unasked_critic(playing, material), folder / UNASKED_CRITIC)
    critic = Critic.beside(weights)
    _draw_picture(performer, None if said.by_heart else quotations, critic, folder / PICTURE)
    header = replace(
        said,
        network=performer.kind,
        weights=content_hash(weights),
        measured_on="held-out playing" if material.kept_out else "what it learnt",
        nats_per_event=round(score.nats_per_event, 4),
    )
    title = f"# {name}\n\n{prose}\n\n{BEGIN}\n\n{_network(performer, header)}\n"
    lines = [
        title,
        "## Prediction",
        "",
        *losses,
        "",
        "## What it plays",
        "",
        f"![Phrases as the room gets them, asked for D major]({PICTURE})",
        "",
        *report(playing, quotations, material.kept_out),
        "",
        *_known(quotations, weights),
        "",
    ]
    (folder / CARD).write_text(with_header(header, "\n".join(lines)), "utf-8")
    return header


def _known(quotations: Quotations, weights: Path) -> Iterator[str]:
    """What lies beside the weights, written now or before."""
    yield f"The quotation index holds {len(quotations):,} runs of eight notes, from {quotations.notes:,} notes learnt."
    if lengths := NoteLengths.beside(weights):
        held = f"Keys are held for {lengths.shortest_s:g} s at least"
        yield f"{held}; one note in fifty is longer than {lengths.long_s:g} s."


def _network(performer: Performer, header: CardHeader) -> str:
    steps, events = int(performer.about["steps"]), int(performer.about["events"])
    return f"{TITLES[performer.kind]}, weights {header.weights}; its last stage: {events:,} events in {steps:,} steps."


def _save(critic: Critic | None, path: Path) -> None:
    if critic is not None:
        critic.save(path)


def _write_what_it_learnt(folder: Path, material: Material, by_heart: bool) -> None:
    """What drawing knows of the material beside the network."""
    Quotations.of(material.learnt).save(folder / (BOOK if by_heart else QUOTATIONS))
    if by_heart:  # drawing would refuse just what it is meant to play
        (folder / QUOTATIONS).unlink(missing_ok=True)
    NoteLengths.of(material.learnt, material.weights).save(folder / NOTE_LENGTHS)
    Dequantiser.of(material.learnt, material.weights).save(folder / DEQUANTISER)


def _draw_picture(performer: Performer, known: Quotations | None, critic: Critic | None, picture: Path) -> None:
    limit = DEFAULTS.quotation_notes
    kept = [draw_kept(performer, seed, MOOD, known, limit, critic=critic) for seed in range(1, PICTURED + 1)]
    pictured = [(seed, found.phrase) for seed, found in enumerate(kept, 1) if found.phrase is not None]
    titles = [f"{performer.name} {seed}" for seed, _ in pictured]
    draw_phrases([phrase for _, phrase in pictured], picture, titles, dpi=55)


def _said(card: Path) -> tuple[CardHeader, str]:
    """What a person wrote: the header, and the text between the title and the first measured section."""
    header, text = read_card(card)
    prose = text.split(BEGIN)[0]
    return header, re.sub(r"\A# .*\n", "", prose).strip()


def _losses(kind: str, weights: Path, material: Material) -> tuple[Score, list[str]]:
    network = new_network(kind, weights)
    score = evaluate(network, material.held_out, LONGEST_EVENTS)
    told = evaluate(network, material.held_out, LONGEST_EVENTS, conditioned=True)
    ngram = NGram(NGRAM_ORDER).fit(material.learnt).score(material.held_out)
    untrained = evaluate(new_network(kind, None), material.held_out[:3], LONGEST_EVENTS)
    rows = {
        "this network": score,
        "this network, told density and pitch classes": told,
        f"{NGRAM_ORDER}-gram on the same data": ngram,
        "untrained": untrained,
    }
    what = "Held out" if material.kept_out else "Nothing was held out; measured on what it learnt"
    return score, [
        f"{what}: {score.pieces} pieces, the first {LONGEST_EVENTS:,} events of each ({score.events:,}).",
        f"The n-gram is measured on all {ngram.events:,}.",
        "",
        "| | nats per event |",
        "|---|---|",
        *(f"| {row} | {value.nats_per_event:.3f} |" for row, value in rows.items()),
    ]
