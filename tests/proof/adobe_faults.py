"""Every way in which a call to Adobe fails, at the transport of the HTTP client: all code above it is the product's."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx

from tests.faults.harness import SharedClock, shape
from tests.faults.test_crashes import KilledError
from tests.proof.leaks import LEAKS

Send = Callable[[httpx.Request], httpx.Response]
DRIP_SECONDS = 20.0
_LONG_ID = re.compile(r"/[0-9a-f]{24,}(?=/|$)")


class Reset(httpx.SyncByteStream):
    """Half of a body, and then the connection is gone."""

    def __init__(self, body: bytes, error: BaseException) -> None:
        self._body, self._error = body, error

    def __iter__(self) -> Iterator[bytes]:
        yield self._body[: len(self._body) // 2]
        raise self._error


class Drip(httpx.SyncByteStream):
    """A body that takes its time: no pause is long enough for a read time-out."""

    def __init__(self, body: bytes, clock: SharedClock) -> None:
        self._body, self._clock = body, clock

    def __iter__(self) -> Iterator[bytes]:
        step = max(1, len(self._body) // 10)
        for first in range(0, len(self._body), step):
            self._clock.sleep(DRIP_SECONDS / 10)
            yield self._body[first : first + step]


@dataclass(frozen=True)
class Fault:
    """One way to fail.

    Attributes:
        name: In tests and tables.
        kind: Which row of the table of expectations it is read from.
        act: Answers, or raises, instead of Adobe; may ask Adobe first.
        times: How many calls in a row it hits; more than three outlast the client's own tries.
    """

    name: str
    kind: str
    act: Callable[[httpx.Request, Send, SharedClock], httpx.Response]
    times: int = 1


class FaultyTransport(httpx.BaseTransport):
    """The way to Adobe. Writes down what is called, and lets one call fail."""

    def __init__(self, inner: httpx.BaseTransport, clock: SharedClock) -> None:
        self._inner, self._clock = inner, clock
        self.calls: list[str] = []
        self._fault: Fault | None = None
        self.disarm()

    def arm(self, operation: str, nth: int, fault: Fault) -> None:
        """Have the nth call of this operation, and as many after it as the fault says, fail."""
        self._operation, self._first, self._fault = operation, nth, fault
        self.calls.clear()
        self.hits = 0

    def disarm(self) -> None:
        """Let everything through again; the calls up to here are forgotten."""
        self._operation, self._first, self._fault = "", 0, None
        self.calls.clear()
        self.hits = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        operation = operation_of(request)
        self.calls.append(operation)
        LEAKS.tokens.update(request.headers.get("Authorization", "").split()[1:])
        fault = self._fault
        if fault is None or operation != self._operation:
            return self._inner.handle_request(request)
        nth = self.calls.count(operation)
        if not self._first <= nth < self._first + fault.times:
            return self._inner.handle_request(request)
        self.hits += 1
        return fault.act(request, self._inner.handle_request, self._clock)

    def close(self) -> None:
        self._inner.close()


def operation_of(request: httpx.Request) -> str:
    """``POST /data/foundation/flowservice/flows/{id}/action``, without ids and queries."""
    return f"{request.method} {_LONG_ID.sub('/{id}', shape(request.url.path))}"


def _raises(error: type[httpx.TransportError]) -> Callable[[httpx.Request, Send, SharedClock], httpx.Response]:
    def act(request: httpx.Request, send: Send, clock: SharedClock) -> httpx.Response:
        raise error("planted", request=request)

    return act


def _lost(request: httpx.Request, send: Send, clock: SharedClock) -> httpx.Response:
    send(request).read()
    raise httpx.ReadTimeout("planted", request=request)


def _reset(request: httpx.Request, send: Send, clock: SharedClock) -> httpx.Response:
    answer = send(request)
    error = httpx.ReadError("planted", request=request)
    return _with_stream(answer, Reset(_body(answer), error))


def _drips(request: httpx.Request, send: Send, clock: SharedClock) -> httpx.Response:
    answer = send(request)
    return _with_stream(answer, Drip(_body(answer), clock))


def _drips_for_ever(request: httpx.Request, send: Send, clock: SharedClock) -> httpx.Response:
    # Until the function's time is over, which ends its process.
    answer = send(request)
    return _with_stream(answer, Reset(_body(answer), KilledError()))


def _answers(
    status: int, body: Any = None, *, after: bool = False, headers: dict[str, str] | None = None
) -> Callable[[httpx.Request, Send, SharedClock], httpx.Response]:
    def act(request: httpx.Request, send: Send, clock: SharedClock) -> httpx.Response:
        if after:
            send(request).read()
        if status == 401 and "/ims/" in request.url.path:
            quoted = {"error": "invalid_client", "error_description": f"planted: {request.read().decode()}"}
            return httpx.Response(status, json=quoted)
        # Some servers quote what they were sent.
        quoted = {"message": f"planted: {request.read().decode()} {request.headers.get('Authorization')}"}
        return httpx.Response(status, json=body or quoted, headers=headers)

    return act


def _damages(
    damage: Callable[[bytes], bytes], content_type: str = "application/json"
) -> Callable[[httpx.Request, Send, SharedClock], httpx.Response]:
    def act(request: httpx.Request, send: Send, clock: SharedClock) -> httpx.Response:
        answer = send(request)
        if not answer.is_success:
            return answer
        return httpx.Response(answer.status_code, content=damage(_body(answer)), headers={"Content-Type": content_type})

    return act


def _body(answer: httpx.Response) -> bytes:
    return answer.read()


def _with_stream(answer: httpx.Response, stream: httpx.SyncByteStream) -> httpx.Response:
    headers = {name: value for name, value in answer.headers.items() if name != "content-length"}
    return httpx.Response(answer.status_code, headers=headers, stream=stream)


def _flow(number: str, status: int) -> dict[str, Any]:
    kind = f"https://ns.adobe.com/aep/errors/FLOW-{number}-{status}"
    return {"type": kind, "status": status, "title": "Planted", "report": {"detailed-message": "planted"}}


_HTML = b"<!doctype html><html><head><title>Down for maintenance</title></head><body>Back soon.</body></html>"
_EXPIRED = {"error_code": "401013", "message": "Oauth token is not valid"}

FAULTS = (
    Fault("connection-refused", "never-sent", _raises(httpx.ConnectError)),
    Fault("connection-refused-for-long", "never-sent", _raises(httpx.ConnectError), 4),
    Fault("connect-timeout", "never-sent", _raises(httpx.ConnectTimeout)),
    Fault("read-timeout-before", "lost", _raises(httpx.ReadTimeout)),
    Fault("read-timeout-after", "lost", _lost),
    Fault("read-timeouts", "lost", _lost, 4),
    Fault("reset-mid-body", "lost", _reset),
    Fault("401-expired", "expired", _answers(401, _EXPIRED)),
    Fault("401-for-good", "401", _answers(401, _EXPIRED), 50),
    Fault("403", "403", _answers(403)),
    Fault("404-by-lag", "404", _answers(404, _flow("1439", 404))),
    Fault("409", "409", _answers(409)),
    Fault("412", "412", _answers(412, _flow("1404", 412))),
    Fault("422", "422", _answers(422)),
    Fault("429", "throttled", _answers(429)),
    Fault("429-retry-after", "throttled", _answers(429, headers={"Retry-After": "7"})),
    Fault("429-retry-after-long", "throttled", _answers(429, headers={"Retry-After": "120"})),
    Fault("500", "5xx", _answers(500)),
    Fault("500-after", "5xx", _answers(500, after=True)),
    Fault("502", "5xx", _answers(502)),
    Fault("503", "5xx", _answers(503)),
    Fault("503-for-long", "5xx", _answers(503), 4),
    Fault("504", "5xx", _answers(504)),
    Fault("504-after", "5xx", _answers(504, after=True)),
    Fault("invalid-json", "unreadable", _damages(lambda _: b'{"items": [}')),
    Fault("truncated-json", "unreadable", _damages(lambda body: body[: len(body) * 2 // 3])),
    Fault("html-body", "unreadable", _damages(lambda _: _HTML, "text/html")),
    Fault("wrong-content-type", "harmless", _damages(bytes, "text/plain")),
    Fault("slow-drip", "harmless", _drips),
    Fault("slow-drip-until-killed", "killed", _drips_for_ever),
)
"""Those of 4 calls are more than the client tries by itself: the step is repeated."""
