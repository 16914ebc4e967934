"""A report: one HTML page that shows a record, or any folder with sound, stems and MIDI in it."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from engine.album.measurement.loudness_over_time import loudness_range_lu
from engine.album.output_folder import RECIPE_FILE
from engine.album.plan.sheet import Track
from engine.album.recipe import read_recipe_file, record_in
from engine.album.report.page_audio import as_data, fits_in_a_page
from engine.album.report.part import Part
from engine.album.sound_files.audio_files import read_audio
from engine.album.verification.check import Check
from engine.album.verification.form_checks import planned_stretches
from engine.album.verification.verification import tunes_heard, verify
from engine.errors import RecordError
from engine.files.atomic import replace_durably
from engine.music.midi.reading import read_phrase, read_voices
from engine.music.notes import Note
from engine.parameters.stems import STEMS, VOICES
from engine.sound.textures.analysis import chroma, estimate_key

REPORT_FILE: Final = "report.html"
_SOUNDS: Final = (".flac", ".wav")


def write_report(folder: Path, target: Path | None = None) -> Path:
    """Measures and draws what lies in `folder`; returns the page. Raises `RecordError` when there is nothing."""
    if not folder.is_dir():
        raise RecordError(f"{folder}: there is no such folder; expected one with sound in it, as `render` makes it")
    if (folder / RECIPE_FILE).is_file():
        recipe = read_recipe_file(folder)
        title, about = str(recipe["record"]["title"]), f"seed {recipe['seed']}, {recipe['made_with']}"
        wanted = record_in(recipe, folder / RECIPE_FILE).tracks
        parts = [_track(folder, track, sheet) for track, sheet in zip(recipe["tracks"], wanted, strict=True)]
        checks = verify(folder)
    else:
        title, about, parts, checks = folder.resolve().name, "", _stretch(folder), []
    page = target or folder / REPORT_FILE
    page.parent.mkdir(parents=True, exist_ok=True)
    try:
        replace_durably(page, _page(title, about, parts, checks).encode())
    except OSError as error:
        raise RecordError(f"{page}: cannot be written: {error.strerror}") from None
    return page


def _track(folder: Path, track: dict[str, Any], wanted: Track) -> Part:
    slug, scale = track["slug"], track["scale"]
    tunes = tunes_heard(folder, wanted, track)
    return Part(
        title=f"{track['number']} {track['title']}",
        sound=folder / f"{slug}.flac",
        stems=_stems(folder / "stems" / slug),
        notes=_notes(folder / "midi" / slug),
        sections=[(s["start_s"], s["end_s"], s["name"].replace("_", " ")) for s in track["sections"]],
        facts={"scale": f"{scale['root']} {scale['mode']}"},
        plan=planned_stretches(wanted, track),
        tunes={name: tune.notes for name, tune in tunes.items()},
    )


def _stretch(folder: Path) -> list[Part]:
    """The sounds in a folder, as `replay` leaves them: stems have the stems' names, what else there is is their sum."""
    sounds = {path.stem: path for path in sorted(folder.glob("*")) if path.suffix.lower() in _SOUNDS}
    wholes = {name: path for name, path in sounds.items() if name not in STEMS}
    if not sounds:
        raise RecordError(f"{folder}: holds no sound (.flac or .wav) to report on")
    if len(wholes) != 1:
        return [Part(title=name, sound=path) for name, path in sounds.items()]
    stems = _stems(folder) or _stems(folder / "stems")
    return [Part(name, path, stems, _notes(folder / "midi") or _score(folder)) for name, path in wholes.items()]


def _stems(folder: Path) -> dict[str, Path]:
    found = {path.stem: path for path in folder.glob("*") if path.suffix.lower() in _SOUNDS}
    return {name: found[name] for name in STEMS if name in found}


def _notes(folder: Path) -> dict[str, Sequence[Note]]:
    notes: dict[str, Sequence[Note]] = {}
    for voice in VOICES:
        path = folder / f"{voice}.mid"
        if path.is_file():
            notes[voice] = read_phrase(path).notes
    return notes


def _score(folder: Path) -> dict[str, Sequence[Note]]:
    path = folder / "score.mid"
    voices = read_voices(path) if path.is_file() else {}
    return {voice: voices[voice] for voice in VOICES if voice in voices}


def _page(title: str, about: str, parts: Sequence[Part], checks: Sequence[Check]) -> str:
    body = [f"<h1>{html.escape(title)}</h1>", f"<p>{html.escape(about)}</p>"]
    inline = fits_in_a_page([part.sound for part in parts])
    for number, part in enumerate(parts, 1):
        body.append(f"<section><h2>{html.escape(part.title)}</h2>")
        body += [_shown(part, inline), _facts(part)]
        own = [check for check in checks if check.track == number]
        body += [_checks(own)] if own else []
        body += [*_form(part), "</section>"]
    return _FRAME.format(title=html.escape(title), style=_STYLE, body="\n".join(body), script=_SCRIPT)


def _shown(part: Part, inline: bool) -> str:
    """The sound to play, and its pictures with a line that follows it."""
    from engine.album.report.pictures import picture

    shown = picture(part)
    source = as_data(part.sound) if inline else html.escape(part.sound.name)
    return (
        f'<audio controls preload="none" src="{source}"></audio><div class="wide">'
        f'<div class="shown" data-left="{shown.left:.5f}" data-right="{shown.right:.5f}" data-s="{shown.length_s:.3f}">'
        f'<img alt="{html.escape(part.title)}" src="data:image/png;base64,{shown.png}"><i></i></div></div>'
    )


def _form(part: Part) -> Iterator[str]:
    """Themes and mix, where there are some."""
    from engine.album.measurement.mix import stem_reports
    from engine.album.report.form_pictures import mix_picture, theme_picture

    if part.tunes:
        yield _wide("themes and where they are heard", theme_picture(part))
    if part.plan and part.stems:
        yield _wide("who occupies which part of the spectrum", mix_picture(stem_reports(part.stems)))


def _wide(about: str, png: str) -> str:
    """A picture that a phone shows as a window on it, since its words are too small to read otherwise."""
    return f'<div class="wide"><img alt="{about}" src="data:image/png;base64,{png}"></div>'


def _facts(part: Part) -> str:
    from engine.album.sound_files.mastering import measured

    sound, rate_hz = read_audio(part.sound)
    loudness = measured(sound, rate_hz)
    key = estimate_key(chroma(sound, rate_hz))
    length_s = len(sound) / rate_hz
    facts = {
        "length": f"{int(length_s) // 60}:{length_s % 60:04.1f}",
        "rate": f"{rate_hz} Hz",
        "loudness": f"{loudness.lufs:.2f} LUFS",
        "true peak": f"{loudness.true_peak_dbtp:.2f} dBTP",
        "loudness range": f"{loudness_range_lu(sound, rate_hz):.1f} LU",
        **part.facts,
        "key by ear": f"{key.name} (confidence {key.confidence:.2f})" if key.confidence else "none",
        "notes": ", ".join(f"{voice} {len(notes)}" for voice, notes in part.notes.items()) or "none",
        "sections": ", ".join(f"{name} {int(a) // 60}:{int(a) % 60:02d}" for a, _, name in part.sections) or "none",
    }
    rows = "".join(f"<tr><th>{html.escape(k)}</th><td>{html.escape(v)}</td></tr>" for k, v in facts.items())
    return f"<table>{rows}</table>"


def _checks(checks: Sequence[Check]) -> str:
    rows = "".join(
        f"<tr class={_MARKS[c.passed][0]}><td>{_MARKS[c.passed][1]}</td>"
        f"<td>{html.escape(c.what)}</td><td>{html.escape(c.figure)}</td></tr>"
        for c in checks
    )
    return f"<table>{rows}</table>"


_MARKS: Final = {True: ("ok", "✓"), False: ("bad", "✗"), None: ("open", "?")}
_STYLE: Final = """
body { background: #f3eee3; color: #23211f; font: 15px/1.5 Georgia, serif; max-width: 1180px; margin: 0 auto; }
body { padding: 2em clamp(0.8em, 3vw, 3em); }
h1 { font-weight: normal; font-size: 2.2em; margin-bottom: 0; line-height: 1.15; }
h2 { font-weight: normal; margin-top: 2.2em; border-bottom: 1px solid #cfc6b4; }
img { width: 100%; margin: 0.8em 0; display: block; }
audio { width: 100%; margin-top: 0.6em; }
.shown { position: relative; cursor: pointer; }
.shown i { position: absolute; top: 0; bottom: 0; width: 2px; background: #a3311d; opacity: 0; }
table { border-collapse: collapse; font-size: 0.92em; margin-bottom: 1em; }
th { text-align: left; font-weight: normal; color: #756b5b; padding-right: 1.4em; vertical-align: top; }
td { padding-right: 1.2em; vertical-align: top; overflow-wrap: anywhere; }
tr + tr > * { border-top: 1px solid #e4dccb; }
.bad { color: #a3311d; font-weight: bold; }
@media (max-width: 600px) {
  .wide { overflow-x: auto; } .wide > * { width: 900px; max-width: none; }
  th { padding-right: 0.6em; } body { font-size: 14px; }
}
"""
_SCRIPT: Final = """
for (const shown of document.querySelectorAll('.shown')) {
  const audio = shown.parentElement.previousElementSibling, line = shown.querySelector('i'), d = shown.dataset;
  const span = d.right - d.left;
  audio.addEventListener('timeupdate', () => {
    line.style.opacity = 0.7;
    line.style.left = 100 * (+d.left + span * audio.currentTime / d.s) + '%';
  });
  shown.addEventListener('click', event => {
    const box = shown.getBoundingClientRect();
    const share = ((event.clientX - box.left) / box.width - d.left) / span;
    audio.currentTime = Math.min(Math.max(share, 0), 1) * d.s;
    audio.play();
  });
}
"""
_FRAME: Final = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><style>{style}</style></head>
<body>
{body}
<script>{script}</script>
</body>
</html>
"""
