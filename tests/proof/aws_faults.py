"""Every way in which a call to AWS fails, below botocore: its retries, its parsing and its errors are the real ones."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from botocore.awsrequest import AWSPreparedRequest, AWSResponse, HeadersDict
from botocore.exceptions import (
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
)
from moto.core.models import botocore_stubber
from urllib3.exceptions import ProtocolError

if TYPE_CHECKING:
    from botocore.compat import HTTPHeaders

Ask = Callable[[], AWSResponse]
Act = Callable[[str, AWSPreparedRequest, Ask], AWSResponse]


class Raw(io.BytesIO):
    """What botocore reads an answer's body from."""

    broken = False

    def stream(self, amt: int = 1 << 16, **_: Any) -> Iterator[bytes]:
        while chunk := self.read(amt):
            yield chunk

    def read(self, amt: int | None = None, **_: Any) -> bytes:
        found = super().read(amt)
        if self.broken and not found:
            raise ProtocolError("planted")
        return found


@dataclass(frozen=True)
class AwsFault:
    """One way to fail; `times` in a row, which more than five outlasts botocore's own tries."""

    name: str
    kind: str
    act: Act
    times: int = 1


class Wire:
    """Between the clients and the emulated AWS. Writes down what is called, and lets one call fail."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self._fault: AwsFault | None = None
        self.disarm()

    def arm(self, operation: str, nth: int, fault: AwsFault) -> None:
        """Have the nth call of this operation, and as many after it as the fault says, fail."""
        self.disarm()
        self._operation, self._first, self._fault = operation, nth, fault

    def disarm(self) -> None:
        """Let everything through; what was called is forgotten."""
        self._operation, self._first, self._fault = "", 0, None
        self.calls.clear()
        self.hits = 0

    def watch(self, client: Any, label: str) -> Any:
        """The client, with its calls going through here; `label` tells two of one service from each other."""
        client.meta.events.unregister("before-send", botocore_stubber)

        def send(event_name: str, request: AWSPreparedRequest, **kwargs: Any) -> AWSResponse:
            operation = f"{label}.{event_name.rpartition('.')[2]}"
            self.calls.append(operation)

            def ask() -> AWSResponse:
                answer = botocore_stubber(event_name, request, **kwargs)
                assert answer is not None
                return answer

            fault = self._fault
            if fault is None or operation != self._operation:
                return ask()
            nth = self.calls.count(operation)
            if not self._first <= nth < self._first + fault.times:
                return ask()
            self.hits += 1
            return fault.act(operation, request, ask)

        client.meta.events.register_first("before-send.*.*", send)
        return client


def _raises(error: Callable[[str], Exception], *, after: bool = False) -> Act:
    def act(operation: str, request: AWSPreparedRequest, ask: Ask) -> AWSResponse:
        if after:
            ask()
        raise error(str(request.url))

    return act


def _answers(status: int, code: str, *, after: bool = False) -> Act:
    def act(operation: str, request: AWSPreparedRequest, ask: Ask) -> AWSResponse:
        if after:
            ask()
        if operation.startswith(("work", "destination")):
            said = f"<Error><Code>{code}</Code><Message>planted</Message></Error>".encode()
            body = b"" if request.method == "HEAD" else said
            return _response(request, status, body, "application/xml")
        return _response(request, status, json.dumps({"__type": code, "message": "planted"}).encode(), _JSON)

    return act


def _throttles(operation: str, request: AWSPreparedRequest, ask: Ask) -> AWSResponse:
    s3 = operation.startswith(("work", "destination"))
    return _answers(503 if s3 else 400, "SlowDown" if s3 else "ThrottlingException")(operation, request, ask)


def _damages(damage: Callable[[bytes], bytes], content_type: str | None = None) -> Act:
    def act(operation: str, request: AWSPreparedRequest, ask: Ask) -> AWSResponse:
        answer = ask()
        if answer.status_code >= 300:
            return answer
        headers = {name: value for name, value in answer.headers.items() if name.lower() != "content-length"}
        body = damage(answer.content)
        headers["Content-Length"] = str(len(body))
        if content_type:
            headers["Content-Type"] = content_type
        return _made(request, answer.status_code, headers, Raw(body))

    return act


def _resets(operation: str, request: AWSPreparedRequest, ask: Ask) -> AWSResponse:
    answer = ask()
    if not operation.endswith("GetObject"):
        # Only this one's body is read by who asked; of others botocore's session reads it.
        raise ConnectionClosedError(endpoint_url=str(request.url))
    raw = Raw(answer.content[: len(answer.content) // 2])
    raw.broken = True
    return _made(request, answer.status_code, dict(answer.headers), raw)


def _response(request: AWSPreparedRequest, status: int, body: bytes, content_type: str) -> AWSResponse:
    return _made(request, status, {"Content-Type": content_type, "Content-Length": str(len(body))}, Raw(body))


def _made(request: AWSPreparedRequest, status: int, headers: dict[str, str], raw: Raw) -> AWSResponse:
    return AWSResponse(request.url, status, cast("HTTPHeaders", HeadersDict(headers)), raw)


_JSON = "application/x-amz-json-1.0"
_HTML = b"<!doctype html><html><body>Back soon.</body></html>"

AWS_FAULTS = (
    AwsFault("connection-refused", "passing", _raises(lambda url: EndpointConnectionError(endpoint_url=url))),
    AwsFault(
        "connection-refused-for-long", "passing", _raises(lambda url: EndpointConnectionError(endpoint_url=url)), 6
    ),
    AwsFault("connect-timeout", "passing", _raises(lambda url: ConnectTimeoutError(endpoint_url=url))),
    AwsFault("connect-timeout-for-long", "passing", _raises(lambda url: ConnectTimeoutError(endpoint_url=url)), 6),
    AwsFault("read-timeout-before", "passing", _raises(lambda url: ReadTimeoutError(endpoint_url=url))),
    AwsFault("read-timeout-after", "lost", _raises(lambda url: ReadTimeoutError(endpoint_url=url), after=True)),
    AwsFault("read-timeouts", "lost", _raises(lambda url: ReadTimeoutError(endpoint_url=url), after=True), 6),
    AwsFault("reset", "lost", _raises(lambda url: ConnectionClosedError(endpoint_url=url), after=True)),
    AwsFault("reset-mid-body", "lost", _resets),
    AwsFault("throttled", "passing", _throttles),
    AwsFault("throttled-for-long", "passing", _throttles, 6),
    AwsFault("403", "denied", _answers(403, "AccessDenied"), 50),
    AwsFault("409", "conflict", _answers(409, "OperationAborted")),
    AwsFault("500", "passing", _answers(500, "InternalError")),
    AwsFault("500-after", "lost", _answers(500, "InternalError", after=True)),
    AwsFault("502", "passing", _answers(502, "BadGateway")),
    AwsFault("503", "passing", _answers(503, "ServiceUnavailable")),
    AwsFault("503-for-long", "passing", _answers(503, "ServiceUnavailable"), 6),
    AwsFault("504", "passing", _answers(504, "GatewayTimeout")),
    AwsFault("truncated-body", "unreadable", _damages(lambda body: body[: len(body) // 2])),
    AwsFault("html-body", "unreadable", _damages(lambda _: _HTML, "text/html")),
    AwsFault("wrong-content-type", "harmless", _damages(bytes, "text/plain")),
)
