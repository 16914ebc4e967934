"""Whether the operations of a record can be found in what was rendered: measured on its stems and MIDI files."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.album.output_folder import RECIPE_FILE
from engine.album.performance.music import tunes_from_json
from engine.album.plan.plan import earlier_track
from engine.album.plan.sheet import FormWishes, MasterSettings, Track
from engine.album.recipe import read_recipe_file, record_in
from engine.album.sound_files.audio_files import read_audio
from engine.album.verification.check import Check
from engine.errors import RecordError
from engine.music.arranging.lines import CELLO_LOW
from engine.music.beat import beat_windows
from engine.music.harmony import SHARED_S, pedalled
from engine.music.midi.reading import read_phrase
from engine.music.notes import Note, Phrase
from engine.music.scale import Scale
from engine.parameters.sound import ScaleSettings
from models.performers.quotation.recognition import RECOGNISED_NOTES


def verify(folder: Path) -> list[Check]:
    """Looks at every operation that the tracks of a rendered record use. Raises `RecordError`."""
    recipe = read_recipe_file(folder)
    record = record_in(recipe, folder / RECIPE_FILE)
    if len(record.tracks) != len(recipe["tracks"]):
        raise RecordError(f"{folder / RECIPE_FILE}: names other tracks than were rendered; render the record again")
    pairs = zip(recipe["tracks"], record.tracks, strict=True)
    return [check for track, wanted in pairs for check in verify_track(folder, track, wanted, record.master)]


def verify_track(folder: Path, track: dict[str, Any], wanted: Track, master: MasterSettings) -> Iterator[Check]:
    """The checks of one track: `track` is its entry in the recipe, `wanted` what its sheet says."""
    from engine.album.verification import sound_checks

    number, slug = int(track["number"]), str(track["slug"])
    yield from sound_checks.mix(number, folder, track, master)
    midi = {path.stem: read_phrase(path) for path in sorted((folder / "midi" / slug).glob("*.mid"))}
    if "piano" in midi:
        scale = Scale.from_settings(ScaleSettings.model_validate(track["scale"]))
        yield piano_in_scale(number, midi["piano"].notes, scale)
        if "cello" in midi:
            yield cello_below(number, midi["cello"].notes, midi["piano"])
        if "drums" in midi:
            starts_s = [float(phrase["start_s"]) for phrase in track["phrases"]]
            yield drums_on_beats(number, midi["drums"].notes, midi["piano"].notes, starts_s)
    stems = folder / "stems" / slug
    clips: Sequence[dict[str, Any]] = track["clips"]
    for one, other in itertools.permutations(clips, 2):
        same = all(one[key] == other[key] for key in ("texture", "take", "start_s", "end_s", "offset_s"))
        if same and one["copy"] == "untouched" and other["copy"] == "halves_swapped":
            hidden_by = sorted(
                set(changes_by_layer(wanted, one["stem"])) | set(changes_by_layer(wanted, other["stem"]))
            )
            starts_s = [float(section["start_s"]) for section in track["sections"]]
            touched = sound_checks.limited(folder / f"{slug}.flac", master)
            touched = sound_checks.with_pauses(touched, wanted.sections, starts_s)
            yield sound_checks.mirrored(number, stems, one, other, hidden_by, touched)
        if one["texture"] == other["texture"] and (one["copy"], other["copy"]) == ("untouched", "octave_up"):
            yield sound_checks.octave_up(number, stems, one, other)
    for clip in {c["stem"]: c for c in clips if c["lowered"] and c["copy"] == "untouched"}.values():
        yield sound_checks.noise_lowered(number, stems, clip)
    if track.get("vocoder") and "chords" in midi:
        sound, rate_hz = read_audio(stems / "chords.flac")
        yield sound_checks.vocoder_follows(number, sound, rate_hz, midi["chords"].notes)
    if wanted.form != FormWishes():
        yield from _form(folder, track, wanted, midi)


def _form(folder: Path, track: dict[str, Any], wanted: Track, midi: dict[str, Phrase]) -> Iterator[Check]:
    """What the sheet asks of the track's form, and of its mix."""
    from engine.album.measurement.form import form_of
    from engine.album.verification import form_checks

    number, slug = int(track["number"]), str(track["slug"])
    sound, rate_hz = read_audio(folder / f"{slug}.flac")
    piano = midi["piano"].notes if "piano" in midi else ()
    form = form_of(sound, rate_hz, piano, form_checks.planned_stretches(wanted, track))
    yield from form_checks.form_checks(number, wanted.form, form, Scale.from_settings(wanted.scale))
    if piano:
        yield form_checks.growl_check(number, piano, len(sound) / rate_hz)
        tunes = {name: tune.notes for name, tune in tunes_heard(folder, wanted, track).items()}
        yield from form_checks.theme_checks(number, wanted.form, tunes, piano)
        if wanted.form.recognised:
            yield _recognised(folder, number, wanted)
    stems = {name: folder / "stems" / slug / f"{name}.flac" for name in track["stems"]}
    voices = {name: phrase.notes for name, phrase in midi.items()}
    yield from form_checks.mix_checks(number, sound, rate_hz, stems, voices, track.get("limited"))


def _recognised(folder: Path, number: int, wanted: Track) -> Check:
    from engine.album.verification.form_checks import recognition_check
    from models.common.weights import weights_path
    from models.performers.quotation.recognition import book_beside

    book = book_beside(weights_path(wanted.performer.name))
    if book is None:
        return Check(number, "the book is recognised", None, f"{wanted.performer.name} has no index of a book")
    phrases = {int(track["number"]): _heard_phrases(folder, track) for track in read_recipe_file(folder)["tracks"]}
    heard = phrases.pop(number)
    return recognition_check(number, book, heard, list(itertools.chain.from_iterable(phrases.values())))


def _heard_phrases(folder: Path, track: dict[str, Any]) -> list[Phrase]:
    """What the piano of a track plays, phrase by phrase; not those in which too little is struck to know a tune by."""
    path = folder / "midi" / str(track["slug"]) / "piano.mid"
    notes = read_phrase(path).notes if path.is_file() else ()
    starts_s = [float(phrase["start_s"]) for phrase in track["phrases"]]
    return [Phrase(tuple(own)) for _, own in _by_phrase(notes, starts_s) if len(own) >= RECOGNISED_NOTES]


def _by_phrase(piano: Sequence[Note], starts_s: Sequence[float]) -> Iterator[tuple[float, list[Note]]]:
    """Where each phrase begins, and its notes from there."""
    for start_s, end_s in itertools.pairwise([*starts_s, float("inf")]):
        inside = [n for n in piano if start_s - 1e-3 <= n.onset_s < end_s - 1e-3]
        yield start_s, [replace(n, onset_s=n.onset_s - start_s) for n in inside]


def tunes_heard(folder: Path, wanted: Track, track: dict[str, Any]) -> dict[str, Phrase]:
    """The themes that a track plays, its own and those of earlier tracks, by name."""
    tunes = tunes_from_json(track.get("themes", {}))
    for text in {section.theme for section in wanted.sections if section.theme} - set(tunes):
        number, name = earlier_track(text) or (0, "")
        known = next(t for t in read_recipe_file(folder)["tracks"] if int(t["number"]) == number)
        tunes[text] = tunes_from_json(known["themes"])[name]
    return tunes


def changes_by_layer(track: Track, stem: str) -> Iterator[str]:
    """What a stem's layer does that makes two copies of one texture unlike."""
    layer = getattr(track.layer, stem)
    for name in ("compressor", "delay", "reverb", "vocoder"):
        if getattr(layer, name) > 0.0 or f"/layer/{stem}/{name}" in track.automation:
            yield name
    for name in ("highpass_hz", "lowpass_hz"):
        if f"/layer/{stem}/{name}" in track.automation:
            yield f"a moving {name}"


def piano_in_scale(track: int, notes: Sequence[Note], scale: Scale) -> Check:
    foreign = [note for note in notes if not scale.contains(note.pitch)]
    return Check(track, "every piano note in the scale", not foreign, f"{len(notes)} notes, {len(foreign)} foreign")


def cello_below(track: int, cello: Sequence[Note], piano: Phrase) -> Check:
    """Nowhere above the piano's lowest sounding line, but for a unison with a bass too low for a cello."""
    heard = pedalled(piano.notes, piano.pedal)
    above = [
        (note, low)
        for note in cello
        for low in heard
        if low.pitch < note.pitch
        and min(low.end_s, note.end_s) - max(low.onset_s, note.onset_s) > SHARED_S + 0.01
        and not (low.pitch < CELLO_LOW and (note.pitch - low.pitch) % 12 == 0)
    ]
    figure = f"{len(cello)} notes, {len(above)} above"
    return Check(track, "cello never above the piano's lowest line", not above, figure)


def drums_on_beats(track: int, drums: Sequence[Note], piano: Sequence[Note], starts_s: Sequence[float]) -> Check:
    """Every stroke lies in a window in which the piano has a steady beat; how many windows have one, and are played."""
    windows = list(_beat_windows(piano, starts_s))
    steady = [(start_s, end_s) for start_s, end_s, found in windows if found]
    astray = [n for n in drums if not any(a - 0.1 <= n.onset_s <= b + 0.1 for a, b in steady)]
    played = sum(any(a <= n.onset_s < b for n in drums) for a, b in steady)
    figure = f"{len(drums)} strokes in {played} of {len(steady)} steady windows of {len(windows)}, {len(astray)} astray"
    return Check(track, "drums only where a steady beat is found", not astray, figure)


def _beat_windows(piano: Sequence[Note], starts_s: Sequence[float]) -> Iterator[tuple[float, float, bool]]:
    """The windows in which the arranger looks for beats: each phrase cut from its beginning."""
    for start_s, own in _by_phrase(piano, starts_s):
        for a, b, beat in beat_windows(own):
            yield start_s + a, start_s + b, beat is not None
