"""The page to listen to takes on, served on this machine alone for as long as somebody chooses."""

from __future__ import annotations

import html
from dataclasses import asdict
from typing import Final

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from engine.album.choosing.chooser import Chooser
from engine.errors import AmeublementError

HERE: Final = ("127.0.0.1", "localhost", "[::1]")
"""Names under which a browser on this machine asks; another name may be a foreign page's."""


def choosing_app(chooser: Chooser, title: str) -> Starlette:
    """The page, and what it asks for: takes of a section, their sound, and a choice."""

    async def page(request: Request) -> Response:
        return HTMLResponse(_page(chooser, title))

    async def takes(request: Request) -> Response:
        offers = await run_in_threadpool(chooser.offers, *_place(request))
        return JSONResponse([asdict(offer) for offer in offers])

    async def sound(request: Request) -> Response:
        number, section = _place(request)
        made = await run_in_threadpool(chooser.sound, number, section, int(request.path_params["take"]))
        return Response(made, media_type="audio/ogg")

    async def choose(request: Request) -> Response:
        number, section = _place(request)
        await run_in_threadpool(chooser.choose, number, section, int(request.path_params["take"]))
        return JSONResponse({"kept": True})

    async def refused(request: Request, problem: Exception) -> Response:
        return JSONResponse({"problem": str(problem)}, status_code=404)

    place = "/{track:int}/{section}"
    routes = [
        Route("/", page),
        Route(f"/takes{place}", takes),
        Route(f"/sound{place}/{{take:int}}", sound),
        Route(f"/choose{place}/{{take:int}}", choose, methods=["POST"]),
    ]
    return Starlette(routes=[_guarded(route) for route in routes], exception_handlers={AmeublementError: refused})


def _guarded(route: Route) -> Route:
    """The route for a browser on this machine, and for no page of another site that it has open."""
    inner = route.endpoint

    async def asked(request: Request) -> Response:
        host = request.headers.get("host", "").rpartition(":")[0]
        origin = request.headers.get("origin")
        if host not in HERE or (origin is not None and origin.partition("//")[2].rpartition(":")[0] not in HERE):
            return JSONResponse({"problem": "only from this machine"}, status_code=403)
        answer: Response = await inner(request)
        return answer

    return Route(route.path, asked, methods=list(route.methods or ["GET"]))


def _place(request: Request) -> tuple[int, str]:
    return int(request.path_params["track"]), str(request.path_params["section"])


def _page(chooser: Chooser, title: str) -> str:
    rows = []
    for track in chooser.sections():
        rows.append(f"<h2>{track['number']} {html.escape(str(track['title']))}</h2>")
        for section in track["sections"]:  # type: ignore[attr-defined]
            name, about = str(section["name"]), html.escape(str(section["about"]))
            heading = html.escape(name.replace("_", " "))
            rows.append(
                f'<details data-place="{track["number"]}/{html.escape(name)}">'
                f"<summary><b>{heading}</b> {about}</summary>"
                '<p class="state" role="status"></p><ol></ol></details>'
            )
    return _FRAME.format(title=html.escape(title), rows="\n".join(rows))


_FRAME: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,"><title>Takes of {title}</title><style>
body {{ background: #f3eee3; color: #23211f; font: 16px/1.5 Georgia, serif; }}
body {{ max-width: 44em; margin: 0 auto; padding: 1.5em; }}
h1, h2 {{ font-weight: normal; }} h2 {{ border-bottom: 1px solid #cfc6b4; }}
summary {{ cursor: pointer; padding: 0.4em 0; }} audio {{ width: 100%; height: 34px; }}
ol {{ list-style: none; padding: 0; }} li {{ margin: 0.7em 0; padding: 0.5em 0.7em; border-left: 4px solid #cfc6b4; }}
li.chosen {{ border-color: #a3311d; background: #ebe3d2; }}
button {{ font: inherit; padding: 0.25em 0.9em; border: 1px solid #756b5b; background: none; cursor: pointer; }}
</style></head><body>
<h1>{title}</h1>
<p>Open a section, listen to its takes, and keep one. What comes after it is drawn anew from there.
Choices are kept at once; render the record again and it is made of them.</p>
{rows}
<script>
async function fill(details) {{
  const place = details.dataset.place, list = details.querySelector('ol'), state = details.querySelector('.state');
  state.textContent = 'drawing …';
  const answer = await fetch('takes/' + place), found = await answer.json();
  state.textContent = answer.ok ? '' : found.problem;
  list.replaceChildren(...(answer.ok ? found : []).map(offer => {{
    const item = document.createElement('li');
    item.className = offer.chosen ? 'chosen' : '';
    const audio = new Audio('sound/' + place + '/' + offer.take);
    audio.controls = true; audio.preload = 'none';
    const words = document.createElement('div'), keep = document.createElement('button');
    words.textContent = 'take ' + offer.take + ', ' + offer.notes + ' notes, worth ' + offer.worth
      + (offer.best ? ', the best by worth' : '') + (offer.chosen ? ', kept' : '');
    keep.textContent = 'keep take ' + offer.take;
    keep.onclick = async () => {{
      const kept = await fetch('choose/' + place + '/' + offer.take, {{method: 'POST'}});
      if (!kept.ok) {{ state.textContent = (await kept.json()).problem; return; }}
      for (const other of document.querySelectorAll('details[open]')) fill(other);
    }};
    item.append(words, audio, keep);
    return item;
  }}));
}}
for (const details of document.querySelectorAll('details')) {{
  details.addEventListener('toggle', () => details.open && fill(details));
}}
</script></body></html>
"""
