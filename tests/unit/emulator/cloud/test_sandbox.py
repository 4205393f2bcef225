"""The stand-in for the runtime client's C extension, against a Runtime API of a few lines."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from emulator.cloud import sandbox

PREFIX = "/2018-06-01/runtime/invocation"


class RuntimeApi(HTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.posted: list[tuple[str, bytes]] = []


class _Answers(BaseHTTPRequestHandler):
    server: RuntimeApi

    def do_GET(self) -> None:
        self.send_response(200 if self.path == f"{PREFIX}/next" else 404)
        self.send_header("lambda-runtime-aws-request-id", "request-1")
        self.send_header("lambda-runtime-deadline-ms", "1700000000000")
        self.end_headers()
        self.wfile.write(b'{"execution": "e"}')

    def do_POST(self) -> None:
        self.server.posted.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(202 if "request-1" in self.path else 403)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[RuntimeApi]:
    with RuntimeApi() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        monkeypatch.setenv("AWS_LAMBDA_RUNTIME_API", f"127.0.0.1:{server.server_port}")
        yield server
        server.shutdown()
        thread.join()


def test_the_next_invocation_has_the_headers_the_client_looks_for(api: RuntimeApi) -> None:
    body, headers = sandbox._python_client().next()
    assert body == b'{"execution": "e"}'
    assert headers["Lambda-Runtime-Aws-Request-Id"] == "request-1"
    assert headers["Lambda-Runtime-Deadline-Ms"] == 1700000000000


def test_results_and_errors_are_posted_to_their_invocation(api: RuntimeApi) -> None:
    client = sandbox._python_client()
    client.post_invocation_result("request-1", b"{}", "application/json")
    client.post_error("request-1", '{"errorType": "UserError"}', "")
    assert api.posted == [
        (f"{PREFIX}/request-1/response", b"{}"),
        (f"{PREFIX}/request-1/error", b'{"errorType": "UserError"}'),
    ]


def test_an_answer_nobody_wants_is_an_error(api: RuntimeApi) -> None:
    with pytest.raises(RuntimeError, match="403"):
        sandbox._python_client().post_invocation_result("another", b"{}", "application/json")
