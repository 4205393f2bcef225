"""A server that answers as no Adobe would, and the product's own client asking it, in a process that is measured.

``python -m tests.proof.hostile.hostile_server`` prints, as JSON, what came of each answer.
"""

from __future__ import annotations

import itertools
import json
import resource
import socketserver
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

from aep_delivery.adobe.audiences import audiences
from aep_delivery.adobe.credentials import AdobeCredentials
from aep_delivery.adobe.datasets import exportable_datasets
from aep_delivery.adobe.endpoints import IMS_TOKEN, AdobeEndpoints
from aep_delivery.adobe.flow_service import FlowService
from aep_delivery.adobe.token import TokenSource
from aep_delivery.adobe.transport import AdobeTransport, adobe_http_client
from aep_delivery.runtime.clock import FixedClock
from aep_delivery.runtime.errors import DeliveryError, boundary_error
from tests.proof.hostile.judging import faults_of_refusal, peak_memory

TOKEN = "canary-access-token"
MIB = 1 << 20
_TOKEN_ANSWER = json.dumps({"access_token": TOKEN, "expires_in": 86399}).encode()
Pieces = Iterator[bytes]


def _head(*lines: bytes, status: bytes = b"200 OK") -> bytes:
    return b"\r\n".join([b"HTTP/1.1 " + status, b"Connection: close", *lines, b"", b""])


def _whole(body: bytes, *lines: bytes, status: bytes = b"200 OK") -> Pieces:
    yield _head(b"Content-Type: application/json", b"Content-Length: %d" % len(body), *lines, status=status) + body


def _chunked(chunks: Iterator[bytes], *lines: bytes) -> Pieces:
    yield _head(b"Content-Type: application/json", b"Transfer-Encoding: chunked", *lines)
    for chunk in chunks:
        if chunk:
            yield b"%x\r\n%s\r\n" % (len(chunk), chunk)
    yield b"0\r\n\r\n"


def _deflated(times: int, layers: int = 1) -> Pieces:
    """Zeros by the megabyte, packed once or more often."""
    packers = [zlib.compressobj(9, zlib.DEFLATED, 31) for _ in range(layers)]
    for block in itertools.chain(itertools.repeat(b"0" * MIB, times), [None]):
        data = block or b""
        for packer in packers:
            data = packer.compress(data) + (packer.flush() if block is None else b"")
        yield data


def _pages(number: int) -> Pieces:
    href = f"https://platform.adobe.io/connections?continuationToken=t{number}"
    return _whole(json.dumps({"items": [{"id": f"c{number}"}], "_links": {"next": {"href": href}}}).encode())


def answers(trap: str) -> dict[str, Callable[[int], Pieces]]:
    """By case: from how often it was asked to what it says."""
    elsewhere = json.dumps({"items": [], "_links": {"next": {"href": f"{trap}/x?continuationToken=a"}}}).encode()
    itself = json.dumps({"items": [], "_links": {"next": {"href": "?continuationToken=a"}}}).encode()
    nothing = json.dumps({"items": [], "_links": {"next": {"href": "http://[::1"}}}).encode()
    metadata = b"Location: http://169.254.169.254/latest/meta-data/iam/security-credentials/"
    return {
        "100 MiB": lambda _: _chunked(itertools.repeat(b" " * MIB, 100)),
        "100 MiB with an error": lambda _: _whole(b'{"message":"' + b"-eyJ" * (25 * MIB) + b'"}', status=b"400 Bad"),
        "15 MiB of tokens": lambda _: _whole(b'{"message":"' + b"-eyJ" * (3 * MIB) + b'"}', status=b"400 Bad"),
        "a claim of 2 GiB": lambda _: iter([_head(b"Content-Length: 2147483648") + b"{"]),
        "gzip bomb": lambda _: _chunked(_deflated(150), b"Content-Encoding: gzip"),
        "gzip bomb in gzip": lambda _: _chunked(_deflated(150, 2), b"Content-Encoding: gzip, gzip"),
        "gzip named often": lambda _: _chunked(_deflated(1), b"Content-Encoding: " + b", ".join([b"gzip"] * 500)),
        "another encoding": lambda _: _whole(b"{}", b"Content-Encoding: br"),
        "no gzip": lambda _: _whole(b'{"items":[]}', b"Content-Encoding: gzip"),
        "deep": lambda _: _whole(b"[" * 5 * MIB),
        "deep enough to be read": lambda _: _whole(b'{"items":[{"id":"a","x":' + b"[" * 800 + b"]" * 800 + b"}]}"),
        "empty lists": lambda _: _whole(b'{"items":[' + b"[]," * (5 * MIB) + b"[]]}"),
        "one long number": lambda _: _whole(b'{"items":[{"id":"a","createdAt":' + b"9" * MIB + b"}]}"),
        "no numbers": lambda _: _whole(b'{"items":[{"id":"a","createdAt":NaN,"x":-Infinity}]}'),
        "no UTF-8": lambda _: _whole(b'{"items":[{"id":"\xff\xfe"}]}'),
        "half a character": lambda _: _whole(b'{"items":[{"id":"\\ud800"}]}'),
        "names twice": lambda _: _whole(b'{"items":[],"items":[{"id":"a","id":1}]}'),
        "redirect": lambda _: _whole(b"", b"Location: " + trap.encode(), status=b"302 Found"),
        "redirect to metadata": lambda _: _whole(b"", metadata, status=b"307 Temporary Redirect"),
        "redirect for good": lambda _: _whole(b"", b"Location: " + trap.encode(), status=b"308 Permanent Redirect"),
        "next page elsewhere": lambda _: _whole(elsewhere),
        "next page is this one": lambda _: _whole(itself),
        "next page at no address": lambda _: _whole(nothing),
        "pages without end": _pages,
        "datasets without end": lambda number: _whole(
            json.dumps({"items": [{"id": f"d{number}", "name": "a"}], "pageInfo": {"hasNext": True}}).encode()
        ),
        "audiences without end": lambda number: _whole(
            json.dumps({"children": [{"id": f"a{number}", "name": "a"}], "_page": {"totalCount": 10**9}}).encode()
        ),
        "a line break in a header": lambda _: _whole(b'{"items":[]}', b"x-request-id: a\r\n b\x0b"),
        "an escape in a header": lambda _: _whole(b"{}", b"x-request-id: \x1b[2J", status=b"400 Bad"),
        "long headers": lambda _: iter([_head(*(b"x-%d: " % index + b"a" * 1_000 for index in range(5_000)))]),
        "a long status": lambda _: iter([b"HTTP/1.1 200 " + b"a" * MIB]),
        "no HTTP": lambda _: iter([b"\x16\x03\x01\x02\0" * 1_000]),
        "half a header": lambda _: iter([b"HTTP/1.1 200 OK\r\nContent-Le"]),
        "lengths that disagree": lambda _: iter([_head(b"Content-Length: 5", b"Content-Length: 7") + b"{}"]),
        "a negative length": lambda _: iter([_head(b"Content-Length: -1") + b"{}"]),
        "one chunk of all": lambda _: iter([_head(b"Transfer-Encoding: chunked") + b"f" * 17 + b"\r\n"]),
        "continue, often": lambda _: itertools.chain(
            itertools.repeat(b"HTTP/1.1 100 Continue\r\n\r\n" * 100, 20), _whole(b'{"items":[]}')
        ),
        "wait for ever": lambda _: _whole(b"{}", b"Retry-After: " + b"9" * 400, status=b"429 Slow"),
        "wait until no date": lambda _: _whole(
            b"{}", b"Retry-After: Fri, 31 Dec 9999 23:59:59 -0100", status=b"503 Down"
        ),
        "a date without a calendar": lambda _: _whole(b'{"items":[]}', b"Date: Mon, 01 Jan 0001 00:00:00 +0100"),
        "many cookies": lambda _: _whole(
            b'{"items":[]}', *(b"Set-Cookie: a%d=b; Domain=adobe.io" % n for n in range(500))
        ),
    }


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.say: Callable[[int], Pieces] = lambda _: _whole(b"{}")
        self.asked = 0
        self.heads: list[bytes] = []
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(socketserver.BaseRequestHandler):
    server: _Server

    def handle(self) -> None:
        head = b""
        while b"\r\n\r\n" not in head and (more := self.request.recv(65_536)):
            head += more
        if not head:
            return
        if IMS_TOKEN.encode() in head.partition(b"\r\n")[0]:
            pieces = _whole(_TOKEN_ANSWER)
        else:
            self.server.heads.append(head)
            self.server.asked += 1
            pieces = self.server.say(self.server.asked)
        try:
            for piece in pieces:
                self.request.sendall(piece)
        except OSError:
            return  # The client has heard enough.


def main() -> None:
    """Ask for each answer once, and say what came of it."""
    resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
    server, trap = _Server(), _Server()
    found: dict[str, dict[str, Any]] = {}
    said = answers(trap.url)
    with adobe_http_client() as http:
        for name in sys.argv[1:] or said:
            server.say, server.asked = said[name], 0
            clock = FixedClock(datetime(2026, 1, 5, tzinfo=UTC))
            credentials = AdobeCredentials(client_id="c", client_secret="canary-secret", org_id="0@AdobeOrg")
            endpoints = AdobeEndpoints(api_url=server.url, ims_url=server.url, allow_loopback_http=True)
            tokens = TokenSource(http, endpoints, partial(_same, credentials), clock)
            adobe = AdobeTransport(http, tokens, endpoints, "prod", clock)
            found[name] = _tried(name, adobe, server)
    leaked = [head.decode("latin-1") for head in trap.heads]
    sys.stdout.write(json.dumps({"found": found, "leaked": leaked, "mebibytes": peak_memory()}))


def _same(credentials: AdobeCredentials) -> AdobeCredentials:
    return credentials


def _tried(name: str, adobe: AdobeTransport, server: _Server) -> dict[str, Any]:
    ask: Callable[[], object]
    if name.startswith("datasets"):
        ask = lambda: list(exportable_datasets(adobe))  # noqa: E731
    elif name.startswith("audiences"):
        ask = lambda: list(audiences(adobe))  # noqa: E731
    else:
        ask = lambda: list(FlowService(adobe).find_connections())  # noqa: E731
    started, wrong = time.thread_time(), []
    try:
        ask()
        end = "accepted"
    except DeliveryError as error:
        end = error.code
        wrong = list(faults_of_refusal(error))
        if TOKEN in str(boundary_error(error)):
            wrong.append("the token is in the message")
    except Exception as error:  # noqa: BLE001 - the very thing that is looked for
        end = type(error).__name__
        wrong = [repr(error)[:300]]
    return {"end": end, "seconds": time.thread_time() - started, "asked": server.asked, "wrong": wrong}


if __name__ == "__main__":
    main()
