"""One sandbox of a local Lambda function: AWS's own runtime interface client on this interpreter.

The client's C extension has wheels for Linux alone; elsewhere a few lines of Python speak the same Runtime API.
"""

from __future__ import annotations

import http.client
import os
import sys
import types
from typing import Any

PREFIX = "/2018-06-01/runtime/invocation"


def _call(method: str, path: str, body: bytes | None = None) -> tuple[bytes, dict[str, str]]:
    connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    connection.request(method, f"{PREFIX}/{path}", body)
    response = connection.getresponse()
    data = response.read()
    if response.status >= 300:
        raise RuntimeError(f"The Runtime API answered {response.status}.")
    return data, {name.title(): value for name, value in response.getheaders()}


def _next() -> tuple[bytes, dict[str, Any]]:
    body, headers = _call("GET", "next")
    return body, {**headers, "Lambda-Runtime-Deadline-Ms": int(headers["Lambda-Runtime-Deadline-Ms"])}


def _python_client() -> types.ModuleType:
    module = types.ModuleType("runtime_client")
    calls: dict[str, Any] = {
        "initialize_client": lambda _user_agent: None,
        "next": _next,
        "post_invocation_result": lambda request, body, *_: _call("POST", f"{request}/response", body),
        "post_error": lambda request, body, *_: _call("POST", f"{request}/error", body.encode()),
    }
    for name, function in calls.items():
        setattr(module, name, function)
    return module


def main() -> None:
    """Serve invocations of ``_HANDLER`` until the emulator ends the process."""
    try:
        import runtime_client  # type: ignore[import-not-found]  # noqa: F401, PLC0415 - only asks whether the extension is there
    except ImportError:
        sys.modules["runtime_client"] = _python_client()
    sys.path.insert(0, os.environ["LAMBDA_TASK_ROOT"])
    from awslambdaric.__main__ import main as serve  # noqa: PLC0415 - only after the client is in place

    serve(["awslambdaric", os.environ["_HANDLER"]])


if __name__ == "__main__":
    main()
