"""Reading Adobe's error answers. There are eight shapes and none is universal.

=====  ====================  ===================================================================================
shape  from                  looks like
=====  ====================  ===================================================================================
A      gateway               ``{"error_code": "401013", "message": "Oauth token is not valid"}``
B      older Flow Service    ``{"errorMessage": "Supplied version=[…] does not match…", "errorDetails": "…"}``
C      older Flow Service    ``{"message": "Please provide a valid spec id"}``
D      Flow Service          ``{"type": "https://ns.adobe.com/aep/errors/FLOW-1439-404", "title": …, "report": …}``
E      its framework         ``{"type": "/placeholder/type/uri", "title": "BadRequestError", "detail": "…"}``
F      ad-hoc activation     ``{"message": "Run already going on for audience … with run id …"}``
G      identity service      ``{"error": "invalid_client", "error_description": "…"}``
H      anything else         an empty body, HTML, a list
=====  ====================  ===================================================================================
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict

from aep_delivery.adobe.json_body import read_json
from aep_delivery.adobe.redaction import quotable

if TYPE_CHECKING:
    import httpx

Shape = Literal["A", "B", "C", "D", "E", "F", "G", "H"]

_CODE = re.compile(r"[A-Z][A-Z0-9_]*-\d+-\d{3}")
_ADHOC = re.compile(r"Run already going on|out of schedule range|not ready for dataset export", re.IGNORECASE)
_REQUEST_ID_HEADERS = ("x-request-id", "x-adobe-request-id", "x-correlation-id")


class AdobeProblem(BaseModel):
    """What Adobe says went wrong, whatever shape it says it in. Holds no secret that was sent along."""

    model_config = ConfigDict(frozen=True)

    shape: Shape
    http_status: int | None
    """None where there was no answer at all."""
    code: str | None
    """``FLOW-1404-412``, ``401013``, ``invalid_client``; None where the shape has none."""
    message: str
    request_id: str | None = None

    def __str__(self) -> str:
        return f"{self.message} ({self.origin})"

    @property
    def origin(self) -> str:
        """Status, code and request id, as Adobe's support asks for them."""
        status = "no answer" if self.http_status is None else f"HTTP {self.http_status}"
        return ", ".join(part for part in (status, self.code, self.request_id and f"request {self.request_id}") if part)


def parse_problem(response: httpx.Response, *, secrets: Collection[str] = ()) -> AdobeProblem:
    """Read an error answer.

    Args:
        response: Any answer, read to its end.
        secrets: Values the request carried, to be masked where Adobe quotes them.

    Returns:
        The problem; shape H with a message of ours where the body says nothing readable.
    """
    body = _json_object(response)
    shape, code, message = _read(body)
    if shape == "H":
        message = f"Adobe answered {response.status_code} {response.reason_phrase} without a readable error.".strip()
    return AdobeProblem(
        shape=shape,
        http_status=response.status_code,
        code=quotable(code, secrets) if code else None,
        message=quotable(message, secrets),
        request_id=quotable(_request_id(body, response.headers), secrets) or None,
    )


def _json_object(response: httpx.Response) -> Mapping[str, object]:
    try:
        parsed = read_json(response.content)
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}


def _read(body: Mapping[str, object]) -> tuple[Shape, str | None, str]:  # noqa: PLR0911 - one for each shape
    said = _first_text(body, "errorMessage", "errorDetails")
    kind = _first_text(body, "type")
    last_segment = kind.rsplit("/", 1)[-1]
    message = _first_text(body, "message")
    if _CODE.fullmatch(last_segment):
        return "D", last_segment, _detailed_message(body) or said or _first_text(body, "detail", "title") or kind
    if gateway_code := _first_text(body, "error_code"):
        return "A", gateway_code, message or f"gateway error {gateway_code}"
    if identity_code := _first_text(body, "error"):
        return "G", identity_code, _first_text(body, "error_description", "message") or identity_code
    if said:
        return "B", None, said
    if kind or _first_text(body, "title"):
        return "E", None, _first_text(body, "detail", "title", "message") or kind
    if message:
        return ("F" if _ADHOC.search(message) else "C"), None, message
    return "H", None, ""


def _detailed_message(body: Mapping[str, object]) -> str:
    report = body.get("report")
    return _first_text(report, "detailed-message") if isinstance(report, dict) else ""


def _request_id(body: Mapping[str, object], headers: httpx.Headers) -> str:
    report = body.get("report")
    found = _first_text(report, "request-id") if isinstance(report, dict) else ""
    return found or next((headers[name] for name in _REQUEST_ID_HEADERS if name in headers), "")


def _first_text(body: Mapping[str, object], *names: str) -> str:
    """The first of these members that says something; Adobe's codes are numbers in places."""
    for name in names:
        value = body.get(name)
        if isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip():
            return str(value).strip()
    return ""
