"""Cards and the list of networks: what stands in a card's head comes back, and stale cards are told apart."""

from pathlib import Path

import numpy as np

from engine.music.notes import Note, Phrase
from models.common.card_header import CARD, CardHeader, read_card, with_header
from models.common.weights import FILE_NAME, content_hash, save_weights
from models.model_list import rows
from models.performers.drawing.rejection_sampling import Kept
from models.performers.evaluation.phrase_check import faults
from models.performers.quotation.quotation import FILE_NAME as QUOTATIONS

HEADER = CardHeader("performance_rnn", "", "my band: “live”", "CC0", "held-out playing", 2.5)


def test_a_header_comes_back_and_a_card_without_one_is_all_text(tmp_path: Path) -> None:
    path = tmp_path / CARD
    path.write_text(with_header(HEADER, "# mine\n\nText --- with dashes.\n"), "utf-8")
    assert read_card(path) == (HEADER, "# mine\n\nText --- with dashes.\n")
    path.write_text("# old\n", "utf-8")
    assert read_card(path) == (CardHeader(), "# old\n")
    path.write_text("---\n: [broken\n---\n\n# x\n", "utf-8")
    assert read_card(path) == (CardHeader(), "# x\n")
    assert read_card(tmp_path / "nothing.md") == (CardHeader(), "")


def test_networks_are_listed_with_what_their_cards_say(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    save_weights(mine / FILE_NAME, {"x": np.zeros(3)}, {"network": "performance_rnn"})
    (mine / "early.safetensors").write_bytes((mine / FILE_NAME).read_bytes())
    (mine / QUOTATIONS).write_bytes(b"index")
    (tmp_path / "empty").mkdir()
    hashed = content_hash(mine / FILE_NAME)
    assert next(rows(tmp_path)) == ("mine (early too)", "performance_rnn", "0.0", "not measured", hashed, "–", "–")
    measured = CardHeader("performance_rnn", hashed, "my band", "CC0", "what it learnt", 2.5)
    (mine / CARD).write_text(with_header(measured, ""), "utf-8")
    assert next(rows(tmp_path))[3:] == ("2.500 nats/event on what it learnt", hashed, "my band", "CC0")
    save_weights(mine / FILE_NAME, {"x": np.ones(3)}, {"network": "performance_rnn"})
    assert next(rows(tmp_path))[3] == "its card is of other weights"
    assert len(list(rows(tmp_path))) == 1


def test_a_texture_network_is_listed_by_its_last_era(tmp_path: Path) -> None:
    for number, era in enumerate(("early", "late", "middle")):
        save_weights(tmp_path / "air" / f"{era}.safetensors", {"x": np.full(3, number)}, {"network": "wavenet"})
    late = content_hash(tmp_path / "air" / "late.safetensors")
    header = CardHeader("wavenet", late, "bells", "CC0", "held-out sound", bits_per_value=3.5)
    (tmp_path / "air" / CARD).write_text(with_header(header, ""), "utf-8")
    found = ("air (early, middle too)", "wavenet", "0.0", "3.500 bits/value", late, "bells", "CC0")
    assert list(rows(tmp_path)) == [found]


def test_faults_of_phrases_are_named() -> None:
    good = Phrase(tuple(Note(2.0 * i, 60 + i, 1.5, 60) for i in range(10)))
    assert faults(Kept(good, 9), 20.0, 16) == []
    assert faults(Kept(None), 20.0, 16) == ["empty"]
    assert faults(Kept(good, 17), 20.0, 16) == ["quotes too much"]
    assert faults(Kept(good), 60.1, 16) == ["too short"]
    assert faults(Kept(good), 10.0, 16) == ["too long"]
    hanging = Phrase((*good.notes, Note(18.5, 90, 30.0, 60)))
    assert faults(Kept(hanging), 20.0, 16) == ["a hanging note", "rings on"]
    silent = Phrase(good.notes[1:])
    assert faults(Kept(silent), 20.0, 16) == ["begins with silence"]
