"""An answer of Adobe's with one thing in it that Adobe would not say."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import httpx

from tests.faults.harness import SharedClock
from tests.proof.adobe_faults import Send

_DEEP: Any = "bottom"
for _ in range(60):
    _DEEP = {"a": [_DEEP]}

HOSTILE_VALUES: tuple[Any, ...] = (
    *(None, True, 0, -1, 1.5, 10**30, -(10**30), 1e308, "", " ", [], {}, [None], {"a": None}, [[]], ["x"] * 300),
    *({"id": ".."}, [{"id": 1}], {"href": "http://[::1"}, {"next": {"href": "//evil.example/?continuationToken=a"}}),
    *(
        "\x1b[2J\x1b]0;owned\x07",
        "a\r\nInjected: header",
        "\u202egpj.exe",
        "\0",
        "<script>alert(1)</script>",
        "x" * 100_000,
    ),
    *(
        "../../../../flows/other",
        "..",
        ".",
        "a/b?c=d#e",
        "http://169.254.169.254/latest/meta-data/",
        "%2e%2e",
        "\u2028",
    ),
    *("[aep-delivery owner=the-stack delivery=prod/planes kind=dataflow]", "9999-12-31T23:59:59-23:59", "NaN", "1e400"),
    *("-eyJ" * 5_000, "bearer " * 5_000, "\u00e9", "e\u0301", "\U0001f600" * 50, _DEEP, "0" * 24, "${x}", "{% $x %}"),
)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every container in an answer, with every key or index in it."""
    below = (
        list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    )
    return [one for key, inner in below for one in ((value, key), *places(inner))]


def damage(random: Random, body: bytes) -> bytes:
    """The body with a value, a name or a whole part of it exchanged."""
    data = json.loads(body) if body else {}
    found = places(data)
    if not found:
        return json.dumps(random.choice(HOSTILE_VALUES)).encode()
    container, key = random.choice(found)
    match random.randrange(5):
        case 0 if isinstance(container, dict):
            container[str(random.choice(("", "\ud800", "a\x1b[2J", "k" * 5_000)))] = container.pop(key)
        case 1 if isinstance(container, dict):
            del container[key]
        case 2 if isinstance(container, list):
            container *= 50
        case _:
            container[key] = random.choice(HOSTILE_VALUES)
    return json.dumps(data).encode()


class Damaging:
    """Exchanges something in each answer that it lets through."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)  # noqa: S311 - the same every time
        self.said = b""

    def __call__(self, request: httpx.Request, send: Send, clock: SharedClock) -> httpx.Response:
        answer = send(request)
        self.said = damage(self._random, answer.read())
        headers = {
            name.lower(): value.encode() for name, value in answer.headers.items() if name.lower() != "content-length"
        }
        if self._random.random() < 0.1:
            odd = self._random.choice(ODD_HEADERS).encode("latin-1")
            headers[self._random.choice(("date", "retry-after", "x-request-id"))] = odd
        raw = [(name.encode(), value) for name, value in headers.items()]
        return httpx.Response(answer.status_code, headers=raw, content=self.said)


ODD_HEADERS = (
    *("9" * 400, "-1", "soon", "", "Fri, 31 Dec 9999 23:59:59 -0100", "Mon, 01 Jan 0001 00:00:00 +0100"),
    *("Fri, 31 Dec 2000 23:59:59 +99999999999999999", "\x1b[2J", "x" * 60_000, "\xb2", "1e9", "0x10", "nan", "inf"),
)
"""What a header of Adobe's may hold that is none of its business."""
