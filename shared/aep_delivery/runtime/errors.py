"""The four classes of error, by who must act.

::

    DeliveryError
    ├── UserError         the author of the config: fix it and drop it again; never retried
    ├── TransientError    nobody: the same call is expected to succeed later; retried by the workflow
    ├── DeliveryMismatch  the owner of the data: what arrived is not what was promised
    └── InternalError     the maintainer: a bug, ambiguous ownership, broken state; never retried

These four names are the error names in the Step Functions definitions. Rooms may derive their own classes;
:func:`boundary_error` turns any of them into one of the four where a step ends.
"""

from __future__ import annotations

import json
from typing import cast

from pydantic import BaseModel, ConfigDict, Field

_LONGEST_CAUSE = 30_000
"""Characters of a document where Step Functions has it in a Cause, which it cuts at 32 KiB: as a text in JSON, with the
rest of what Lambda tells beside it."""
_LONGEST_TEXT = 6_000
_LONGEST_DETAIL = 2_000


class ErrorDocument(BaseModel):
    """An error as data: what the failure event, the failure receipt and the terminal are made from."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    error: str
    """One of the four class names."""
    code: str
    """Stable, dotted, lower case: ``config.unknown-field``."""
    message: str
    """One sentence for the person who must act."""
    hint: str | None = None
    """What to do about it."""
    place: str | None = None
    """Where: ``flights.yaml:12:9``, ``POST /connections``, an object key."""
    details: list[str] = Field(default_factory=list)
    """Further findings, one line each, when there is more than one."""
    retry_after_seconds: float | None = None

    def bounded(self) -> ErrorDocument:
        """The document with no more than a Cause can hold: long texts are cut, and the last details left out."""
        texts = {name: getattr(self, name) for name in ("message", "hint", "place")}
        texts = {name: text and _cut(text, _LONGEST_TEXT) for name, text in texts.items()}
        cut = self.model_copy(update={**texts, "details": []})
        room = _LONGEST_CAUSE - _size(cut.model_dump(mode="json")) - _LONGEST_DETAIL
        kept: list[str] = []
        for index, detail in enumerate(_cut(each, _LONGEST_DETAIL) for each in self.details):
            room -= _size(detail)
            if room < 0:
                kept.append(f"… and {len(self.details) - index} more")
                break
            kept.append(detail)
        return cut.model_copy(update={"details": kept})

    def as_text(self) -> str:
        """The error as a person reads it, one to a few lines."""
        first = self.details[0] if self.details else ""
        if self.place and first.startswith(self.place) and first.endswith(f"[{self.code}]"):
            # The details are diagnostics, which say it all by themselves.
            return "\n".join(self.details)
        head = f"{self.place}: {self.message}" if self.place else self.message
        lines = [f"{head} [{self.code}]", *(f"  {line}" for line in self.details)]
        if self.hint:
            lines.append(f"  hint: {self.hint}")
        return "\n".join(lines)


def _cut(text: str, longest: int) -> str:
    """A text, cut where it would be longer than so many characters of JSON in JSON."""
    shorter = text
    while (size := _size(shorter)) > longest:
        shorter = shorter[: len(shorter) * longest // size - 1]
    return text if shorter == text else f"{shorter}…"


def _size(value: object) -> int:
    return len(json.dumps(json.dumps(value)))


class DeliveryError(Exception):
    """Base of everything this product raises on purpose. Raise one of the four subclasses, never this.

    The message, hint, place and details go to logs, events and receipts: no secret and no row content may be in them.

    Args:
        message: One sentence that says what is wrong.
        code: Stable dotted code.
        hint: What the reader should do.
        place: Where the mistake is.
        details: Further lines.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str,
        hint: str | None = None,
        place: str | None = None,
        details: list[str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.hint = hint
        self.place = place
        self.details = details or []

    @property
    def family(self) -> str:
        """The name of the one of the four classes this error belongs to."""
        for family in (UserError, TransientError, DeliveryMismatch):
            if isinstance(self, family):
                return family.__name__
        return InternalError.__name__

    def document(self) -> ErrorDocument:
        return ErrorDocument(
            error=self.family,
            code=self.code,
            message=self.message,
            hint=self.hint,
            place=self.place,
            details=self.details,
            retry_after_seconds=getattr(self, "retry_after_seconds", None),
        )


class UserError(DeliveryError):
    """The config, the credential or a permission is wrong. Raised when only a person can mend it."""


class TransientError(DeliveryError):
    """The same call should succeed later. Raised for throttling, 5xx, time-outs, "not ready yet" and ETag conflicts.

    Args:
        retry_after_seconds: What the other side asked for, where it did.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str,
        hint: str | None = None,
        place: str | None = None,
        details: list[str] | None = None,
        retry_after_seconds: float | None = None,
    ) -> None:
        super().__init__(message, code=code, hint=hint, place=place, details=details)
        self.retry_after_seconds = retry_after_seconds


class DeliveryMismatch(DeliveryError):  # noqa: N818 - the name says what it is to the data owner
    """Files are missing, damaged or do not add up. Raised only where no receipt can say so."""


class InternalError(DeliveryError):
    """A bug, ambiguous ownership or broken state. Raised when guessing would be worse than stopping."""


FAMILIES: dict[str, type[DeliveryError]] = {
    family.__name__: family for family in (UserError, TransientError, DeliveryMismatch, InternalError)
}


def boundary_error(error: BaseException) -> Exception:
    """The error to leave a Lambda handler with.

    The runtime reports the class name as ``errorType``, which is what Retry and Catch match, and ``str()`` as
    ``errorMessage``. So the result is of a class named exactly like its family and its text is the JSON document.
    What is not a :class:`DeliveryError` becomes an ``InternalError`` that names the type alone: messages of foreign
    exceptions may hold anything. Where it is too long for a Cause, :meth:`ErrorDocument.bounded` shortens it.
    """
    if isinstance(error, DeliveryError):
        document = error.document()
    else:
        document = ErrorDocument(
            error=InternalError.__name__,
            code="internal.unexpected",
            message=f"An unexpected {type(error).__name__} stopped this step.",
            hint="This is a defect: the log of the step's function holds the stack trace.",
        )
    crossing = type(document.error, (Exception,), {})
    return cast("Exception", crossing(document.bounded().model_dump_json(exclude_defaults=True)))


def read_cause(error: str, cause: str) -> ErrorDocument:
    """The document of an error that Step Functions caught.

    Args:
        error: The ASL error name.
        cause: The ``Cause``: for a Lambda, JSON with ``errorType`` and ``errorMessage``.

    Returns:
        The document the step raised, or one made from what the platform says (``States.Timeout``, ``Lambda.Unknown``).
    """
    message = cause
    try:
        parsed = json.loads(cause)
        message = str(parsed.get("errorMessage", cause)) if isinstance(parsed, dict) else cause
        inner = json.loads(message)
        if isinstance(inner, dict) and inner.get("error") in FAMILIES:
            return ErrorDocument.model_validate(inner)
    except ValueError:
        pass
    return ErrorDocument(
        error=InternalError.__name__,
        code=f"platform.{error.lower()}",
        message=f"The platform stopped a step: {error}.",
        hint="See the execution's history and the log of the step's function.",
        details=[message[:500]] if message else [],
    )
