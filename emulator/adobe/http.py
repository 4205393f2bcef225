"""A request and an answer, free of any web framework, so that every rule can be called directly."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

Json = dict[str, Any]


@dataclass(frozen=True)
class Call:
    """One request. Header names are lower case; the query keeps repeated names in their order."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    base_url: str = ""
    operation_errors: tuple[Json, ...] = ()
    """A planted fault: the asynchronous half of this change is to end with these errors."""

    def params(self, name: str) -> list[str]:
        return [value for key, value in self.query if key == name]

    def param(self, name: str) -> str | None:
        return next(iter(self.params(name)), None)

    def header(self, name: str) -> str | None:
        return self.headers.get(name)

    def form(self) -> dict[str, str]:
        """The body as a form; the last of repeated fields wins."""
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))


@dataclass(frozen=True)
class Reply:
    """One answer. `body` is a JSON document, ready text, or None for no body at all."""

    status: int = 200
    body: Json | list[Any] | str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def content(self) -> bytes:
        if self.body is None:
            return b""
        if isinstance(self.body, str):
            return self.body.encode()
        return json.dumps(self.body, ensure_ascii=False, separators=(",", ":")).encode()

    def content_type(self) -> str | None:
        if self.body is None:
            return None
        return "text/html" if isinstance(self.body, str) else "application/json;charset=utf-8"
