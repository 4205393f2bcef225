"""A scripted Adobe behind httpx's mock transport, and the canaries that must never come out again."""

from __future__ import annotations

from collections.abc import Callable

import httpx

from aep_delivery.adobe.endpoints import IMS_TOKEN

CLIENT_SECRET = "p8e-canary-client-secret"
TOKEN = "canary-access-token"
S3_SECRET = "canary/S3secret+0123456789012345678901ab"
CANARIES = (CLIENT_SECRET, TOKEN, S3_SECRET)

Answer = httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]


class ScriptedAdobe:
    """Answers platform calls from a script in order, and the identity service by itself unless told otherwise."""

    def __init__(self) -> None:
        self.script: list[Answer] = []
        self.identity_script: list[Answer] = []
        self.calls: list[httpx.Request] = []
        self.token_calls: list[httpx.Request] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == IMS_TOKEN:
            self.token_calls.append(request)
            number = len(self.token_calls)
            usual = httpx.Response(200, json={"access_token": f"{TOKEN}-{number}", "expires_in": 86399})
            answer = self.identity_script.pop(0) if self.identity_script else usual
        else:
            self.calls.append(request)
            assert self.script, f"unexpected {request.method} {request.url}"
            answer = self.script.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer(request) if callable(answer) else answer
