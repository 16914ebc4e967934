"""Which commands there are."""

from __future__ import annotations

import typer

from engine.cli import (
    addresses,
    alerts,
    check,
    day,
    journal,
    keep,
    moods,
    page,
    render,
    report,
    room,
    run,
    service,
    sessions,
    status,
    surface,
)
from engine.cli.networks import accompaniment, comparison, conducting, humaniser, interpolation, phrases, textures

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Ameublement fills a room with music that nobody has to listen to.",
)
app.command()(run.run)
app.command()(status.status)
app.command()(render.render)
app.command()(journal.replay)
app.command()(keep.keep)
app.add_typer(journal.journal, name="journal")
app.add_typer(sessions.sessions, name="sessions")
app.command()(report.report)
app.command(context_settings={"allow_extra_args": True})(service.install_service)
app.command()(service.uninstall_service)
app.command()(check.check)
app.command()(moods.moods)
app.add_typer(room.room, name="room")
app.command()(day.day)
app.command()(addresses.addresses)
app.command()(alerts.alerts)
app.command()(surface.surface)
app.command()(page.page)
app.command()(page.pin)
app.command()(phrases.train)
app.command()(phrases.evaluate)
phrases.phrases.command("compare")(comparison.compare)
phrases.phrases.command("recall")(comparison.recall)
phrases.phrases.command("conduct")(conducting.conduct)
phrases.phrases.command("recognise")(comparison.recognise)
app.add_typer(phrases.phrases, name="phrases")
app.add_typer(accompaniment.accompaniment, name="accompaniment")
app.add_typer(humaniser.humaniser, name="humaniser")
app.add_typer(interpolation.interpolation, name="interpolation")
app.add_typer(phrases.models, name="models")
app.add_typer(textures.textures, name="textures")
