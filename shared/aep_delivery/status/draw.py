"""Draws the page anew, so that of many who do so at a time the last one has seen what all of them have to show.

Whoever writes has read the tag before the records, and the write is refused where the tag is another by then. So the
page that stands in the end was drawn from records that were read after the one before it was written; each change of a
record is followed by a drawing, hence none is missing.
"""

from __future__ import annotations

from aep_delivery.runtime.clock import Clock
from aep_delivery.status.board import StatusBoard
from aep_delivery.status.document import StatusDocument
from aep_delivery.status.shelf import ChangedMeanwhileError, Shelf
from aep_delivery.status.standing import status_document
from aep_delivery.status.volume import Entitlement

DOCUMENT = "status/status.json"
PAGE = "status/index.html"
ATTEMPTS = 5


def draw(board: StatusBoard, shelf: Shelf, clock: Clock, *, owner: str, entitlement: Entitlement) -> StatusDocument:
    """Write the document and its page.

    Returns:
        The document as written.

    Raises:
        ChangedMeanwhileError: ``status.changed``; others were faster every time.
        TransientError, InternalError: As the board and the shelf do.
    """
    for attempt in range(1, ATTEMPTS + 1):
        tags = {key: shelf.tag(key) for key in (DOCUMENT, PAGE)}
        document = status_document(board.records(), owner=owner, entitlement=entitlement, now=clock.now())
        try:
            _write(document, shelf, tags)
        except ChangedMeanwhileError:
            if attempt == ATTEMPTS:
                raise
        else:
            break
    return document


def _write(document: StatusDocument, shelf: Shelf, tags: dict[str, str | None]) -> None:
    from aep_delivery.status.page import render_status  # noqa: PLC0415 - Jinja, once the records are there

    text = document.model_dump_json(by_alias=True, indent=2) + "\n"
    shelf.put(DOCUMENT, text, "application/json", unless_changed=tags[DOCUMENT])
    shelf.put(PAGE, render_status(document), "text/html", unless_changed=tags[PAGE])
