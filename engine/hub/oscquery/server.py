"""The web application: the OSCQuery tree over HTTP, values over WebSockets, the page, and what a PIN is shown at."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import Any, Final
from urllib.parse import unquote

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from engine.hub.access import Access
from engine.hub.oscquery.feed import Feed, Listener
from engine.hub.oscquery.identity import COOKIE, Identity, TooManyTriesError
from engine.hub.oscquery.mirror import HubMirror
from engine.hub.oscquery.page_files import HEADERS, INDEX, page_files
from engine.hub.oscquery.pins import TOKEN_S, Pins
from engine.hub.oscquery.roles import Role
from engine.hub.oscquery.tree import answer, as_json, host_info

PAGE: Final = "/web/"
"""No OSC address begins so."""
MOST_LISTENERS: Final = 100
LONGEST_FRAME: Final = 16_384
LONGEST_BODY: Final = 1_000
REQUESTS_PER_S: Final = 30.0
REQUESTS_BURST: Final = 300.0
POLICY: Final = 1008
LATER: Final = 1013


class Limited:
    """Answers 429 to who asks too often, and to strangers nothing that is worth having."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app, self._access = app, access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        host = (scope.get("client") or ("",))[0]
        if scope["type"] == "http" and not self._access.admits(host):
            await Response(status_code=429)(scope, receive, send)
        else:
            await self._app(scope, receive, send)


class WebServer:
    """`app` is for an ASGI server. `osc_port` is the hub's."""

    def __init__(self, osc_port: int, mirror: HubMirror, feed: Feed, pins: Pins, access: Access) -> None:
        self._osc_port, self._mirror, self._feed, self._pins = osc_port, mirror, feed, pins
        self._identity = Identity(pins)
        self._files = page_files()
        self.app = Starlette(
            routes=[
                Route("/web/pin", self._show_pin, methods=["POST"]),
                Route("/web/{name:path}", self._page, methods=["GET"]),
                Route("/{path:path}", self._tree, methods=["GET"]),
                WebSocketRoute("/{path:path}", self._listen),
            ],
            middleware=[
                Middleware(Limited, access=access),
                Middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["GET"]),
            ],
        )

    async def _tree(self, request: Request) -> Response:
        """A path of the namespace. A browser that wants a page at the top gets one."""
        path, query = request.scope["path"], _query_of(request)
        wants_page = path == "/" and not query and "text/html" in request.headers.get("accept", "")
        if wants_page or query.upper() == "HTML":
            return RedirectResponse(PAGE, headers={"Vary": "Accept"})
        try:
            role = await self._identity.role(request)
        except TooManyTriesError:
            return _too_many_tries()
        if query.split("=", 1)[0].upper() == "HOST_INFO":
            status, node = 200, host_info(self._osc_port, role)
        else:
            status, node = answer(path, query, self._mirror.values, role)
        body = b"" if status == 204 else as_json(node)
        headers = {"Cache-Control": "no-store", "Vary": "Accept"}
        return Response(body, status, headers, "application/json; charset=utf-8")

    async def _page(self, request: Request) -> Response:
        file = self._files.get(request.path_params["name"] or INDEX)
        if file is None:
            return Response("there is no such file\n", 404, HEADERS, "text/plain")
        return Response(file.contents, 200, HEADERS, file.kind)

    async def _show_pin(self, request: Request) -> Response:
        """{"pin": "…"} becomes a cookie; an empty one takes it away. Other origins cannot send JSON here (CORS)."""
        pin = await _pin_in(request)
        if pin is None:
            return JSONResponse({"error": 'expected JSON such as {"pin": "123456"}'}, 400)
        if not pin:
            gone = JSONResponse({"role": "look"})
            gone.delete_cookie(COOKIE)
            return gone
        try:
            role = await self._identity.try_pin(request, pin)
        except TooManyTriesError:
            return _too_many_tries()
        if role is None:
            return JSONResponse({"error": "this is no PIN here"}, 403)
        done = JSONResponse({"role": role.word})
        done.set_cookie(COOKIE, self._pins.token(role), max_age=TOKEN_S, httponly=True, samesite="strict")
        return done

    async def _listen(self, socket: WebSocket) -> None:
        role = await self._role_of(socket)
        if len(self._feed.listeners) >= MOST_LISTENERS:
            await socket.close(LATER)
            return
        await socket.accept()
        bundles = "BUNDLES" in _query_of(socket).upper()
        listener = Listener(socket, role, self._mirror.values, self._mirror.send, bundles=bundles)
        self._feed.listeners.add(listener)
        sending = asyncio.create_task(_send_until_gone(listener))
        try:
            await _receive_until_gone(socket, listener)
        finally:
            self._feed.listeners.discard(listener)
            sending.cancel()

    async def _role_of(self, asked: HTTPConnection) -> Role:
        try:
            return await self._identity.role(asked)
        except TooManyTriesError:
            return Role.LOOK


async def _receive_until_gone(socket: WebSocket, listener: Listener) -> None:
    with suppress(WebSocketDisconnect, RuntimeError):
        while not listener.is_a_nuisance:
            message = await socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            if message.get("bytes") is not None:
                listener.take_bytes(message["bytes"])
            elif message.get("text") is not None:
                listener.take_text(message["text"])
        await socket.close(POLICY)


async def _send_until_gone(listener: Listener) -> None:
    with suppress(WebSocketDisconnect, RuntimeError):
        await listener.send_all()


def _query_of(asked: HTTPConnection) -> str:
    """What stands after the question mark. Starlette's own takes the Host along, which may be no address at all."""
    return unquote(asked.scope["query_string"].decode("latin-1"))


async def _pin_in(request: Request) -> str | None:
    """The PIN of a request's body; None where the body is anything else."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        return None
    body = b""
    with suppress(ValueError, RecursionError, ClientDisconnect):
        async for piece in request.stream():
            body += piece
            if len(body) > LONGEST_BODY:
                return None
        said: Any = json.loads(body)
        if isinstance(said, dict) and isinstance(said.get("pin"), str):
            return said["pin"]
    return None


def _too_many_tries() -> Response:
    return JSONResponse({"error": "too many wrong PINs; wait a minute"}, 429, {"Retry-After": "60"})
