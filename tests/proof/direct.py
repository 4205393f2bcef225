"""The way to the emulated Adobe without a socket in between: thousands of cells would spend their time on it."""

from __future__ import annotations

from email.utils import format_datetime
from urllib.parse import parse_qsl

import httpx

from emulator.adobe.app import Door
from emulator.adobe.control import PREFIX, Control
from emulator.adobe.http import Call, Reply
from emulator.adobe.problems import Problem
from emulator.adobe.server import Emulator


class DirectTransport(httpx.BaseTransport):
    """Asks the emulator by a call of its functions. Requests and answers are what they would be on the wire."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._door = Door(emulator.world, emulator.scheduler, lambda _: None)
        self._control = Control(emulator.world, emulator.scheduler)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        reply = self._answer(request)
        content_type = reply.content_type()
        now = self._emulator.world.clock.now().replace(microsecond=0)
        headers = {
            "Date": format_datetime(now, usegmt=True),
            **({"Content-Type": content_type} if content_type else {}),
            **reply.headers,
        }
        return httpx.Response(reply.status, headers=headers, content=reply.content())

    def _answer(self, request: httpx.Request) -> Reply:
        call = Call(
            method=request.method,
            path=request.url.path,
            query=tuple(parse_qsl(request.url.query.decode(), keep_blank_values=True)),
            headers={name.lower(): value for name, value in request.headers.items()},
            body=request.read(),
            base_url=self._emulator.base_url,
        )
        try:
            return self._control.handle(call) if call.path.startswith(PREFIX) else self._door.answer(call)
        except Problem as problem:
            return problem.reply
