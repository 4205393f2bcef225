"""Adobe's error bodies. None is universal: gateway, old service, current service, framework and IMS have their own."""

from __future__ import annotations

import uuid

from emulator.adobe.http import Json, Reply


class Problem(Exception):  # noqa: N818  named after the media type
    """A refusal that travels up as an exception and leaves as `reply`."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(f"{reply.status} {reply.body}")
        self.reply = reply

    @property
    def status(self) -> int:
        return self.reply.status


def gateway(status: int, code: int, message: str) -> Problem:
    """Raised before the service is reached. The code is a string, as Adobe's error table prints it."""
    return Problem(Reply(status, {"error_code": str(code), "message": message}))


def legacy(status: int, message: str, *, details: bool = True) -> Problem:
    """The older services' body. ``flows`` leaves ``errorDetails`` out on 404."""
    body: Json = {"errorMessage": message}
    if details:
        body["errorDetails"] = message
    return Problem(Reply(status, body))


def plain(message: str, status: int = 400) -> Problem:
    """A bare message: unknown spec ids, bodies that don't fit, and everything the ad-hoc endpoint refuses."""
    return Problem(Reply(status, {"message": message}))


def flow(code: str, title: str, detail: str, *, entity_id: str | None = None, kind: str | None = None) -> Problem:
    """The current service's problem document.

    Args:
        code: number and HTTP status, such as ``1439-404`` (Adobe: Flow Service error codes).
        title: a short sentence, the same for each occurrence of the code.
        detail: what is wrong this time.
        entity_id: the entity it is about.
        kind: its collection, such as ``flows``.
    """
    status = int(code.rpartition("-")[2])
    report: Json = {"detailed-message": detail, "request-id": uuid.uuid4().hex}
    if entity_id is not None:
        report["id"] = entity_id
    if kind is not None:
        report["type"] = kind
    body = {
        "type": f"https://ns.adobe.com/aep/errors/FLOW-{code}",
        "title": title,
        "status": status,
        "report": report,
        "errorMessage": detail,
        "errorDetails": detail,
    }
    return Problem(Reply(status, body))


def framework(detail: str, status: int = 400, title: str = "BadRequestError") -> Problem:
    """Content negotiation and unreadable bodies, refused by the web framework in front of the service."""
    return Problem(Reply(status, {"type": "/placeholder/type/uri", "status": status, "title": title, "detail": detail}))


def ims(error: str, description: str, status: int = 400) -> Problem:
    return Problem(Reply(status, {"error": error, "error_description": description}))


def empty(status: int) -> Problem:
    """No body at all, as for unknown paths."""
    return Problem(Reply(status))


def not_found(kind: str, entity_id: str) -> Problem:
    """``flows`` still answers in the older shape, the other collections in the current one."""
    if kind == "flows":
        return legacy(404, f"flows not found with id = [{entity_id}]", details=False)
    return flow(
        "1439-404", "Resource not found", f"{kind} not found with id = [{entity_id}]", entity_id=entity_id, kind=kind
    )
