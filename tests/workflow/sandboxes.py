"""The processes of an embedded cloud, found by their environment."""

from __future__ import annotations

import os
import signal
from pathlib import Path


def processes(endpoint: str, function: str = "") -> list[int]:
    """The ids of all processes of the cloud at `endpoint`, or of the sandboxes of one function alone."""
    return [
        pid
        for pid, environment in _environments()
        if environment.get("AWS_ENDPOINT_URL") == endpoint
        and f"{function}Function" in environment.get("AWS_LAMBDA_FUNCTION_NAME", "" if function else "Function")
    ]


def kill(endpoint: str, function: str) -> None:
    """End the sandboxes of a function as if their machines had died. Fails where there is none."""
    pids = processes(endpoint, function)
    assert pids, f"no process runs {function}"
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


def _environments() -> list[tuple[int, dict[str, str]]]:
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            text = path.read_bytes().decode("utf-8", "replace")
        except OSError:
            # Ended meanwhile, or somebody else's.
            continue
        pairs = (item.partition("=") for item in text.split("\0"))
        found.append((int(path.parent.name), {name: value for name, _, value in pairs}))
    return found
