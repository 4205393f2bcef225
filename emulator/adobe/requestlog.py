"""The log of what clients asked, without their secrets."""

from __future__ import annotations

import json
import threading
from collections import deque
from typing import Any
from urllib.parse import parse_qsl

from emulator.adobe.http import Call, Json

KEPT = 10_000
REDACTED = "<redacted>"
_SECRET_NAMES = frozenset({"client_secret", "access_token", "publickey"})


class RequestLog:
    """The last requests, oldest first. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: deque[Json] = deque(maxlen=KEPT)

    def add(self, call: Call, status: int | None, time: str) -> None:
        """Note one request; `status` is None where the client got no answer."""
        entry: Json = {
            "time": time,
            "method": call.method,
            "path": call.path,
            "query": [[name, REDACTED if _secret(name) else value] for name, value in call.query],
            "status": status,
            "sandbox": call.header("x-sandbox-name"),
            "ifMatch": call.header("if-match"),
            "body": _body(call),
        }
        with self._lock:
            self._entries.append(entry)

    def entries(self) -> list[Json]:
        with self._lock:
            return list(self._entries)

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()


def _body(call: Call) -> Any:
    if not call.body:
        return None
    if "x-www-form-urlencoded" in (call.header("content-type") or ""):
        pairs = parse_qsl(call.body.decode("utf-8", "replace"), keep_blank_values=True)
        return {name: REDACTED if _secret(name) else value for name, value in pairs}
    try:
        return _redacted(json.loads(call.body))
    except ValueError:
        return REDACTED


def _redacted(value: Any) -> Any:
    """Everything under ``auth`` is hidden, and so is the value of a patch that points there."""
    if isinstance(value, list):
        return [_redacted(item) for item in value]
    if not isinstance(value, dict):
        return value
    hides_value = isinstance(value.get("path"), str) and value["path"].startswith(("/auth", "/encryption"))
    shown: Json = {}
    for name, item in value.items():
        if name == "auth" and isinstance(item, dict):
            shown[name] = {**item, "params": REDACTED}
        elif _secret(name) or (hides_value and name == "value"):
            shown[name] = REDACTED
        else:
            shown[name] = _redacted(item)
    return shown


def _secret(name: str) -> bool:
    return name.lower() in _SECRET_NAMES
