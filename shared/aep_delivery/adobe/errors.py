"""Adobe's failures as exceptions.

::

    AdobeUserError          (UserError)       wrong credential, missing permission, refused request
    └── EntityNotFoundError                   no such entity in this sandbox, or none this credential may see
    AdobeTransientError     (TransientError)  throttled, unavailable, busy
    ├── EtagMismatchError                     the entity changed since it was read: read, compare, try again
    ├── DatasetsNotReadyError                 the dataflow is too young for an ad-hoc run
    └── RunAlreadyGoingError                  a run is under way
    OutcomeUnknownError     (TransientError)  a write whose answer was lost: it may or may not have happened
    AdobeInternalError      (InternalError)   we asked in a way Adobe does not accept, or can't read the answer

Every one of them carries ``.problem``, what Adobe said; which error an answer becomes is decided by the table in
:mod:`aep_delivery.adobe.classification`.
"""

from __future__ import annotations

from enum import StrEnum

from aep_delivery.adobe.problem import AdobeProblem, parse_problem
from aep_delivery.runtime.errors import InternalError, TransientError, UserError

__all__ = [
    "Action",
    "AdobeError",
    "AdobeInternalError",
    "AdobeProblem",
    "AdobeTransientError",
    "AdobeUserError",
    "DatasetsNotReadyError",
    "EntityNotFoundError",
    "EtagMismatchError",
    "OutcomeUnknownError",
    "RunAlreadyGoingError",
    "parse_problem",
]


class Action(StrEnum):
    """What to do about a failed call."""

    STOP = "stop"
    """Nothing that a program can do changes the answer."""
    REPEAT = "repeat"
    """Adobe did not take the call in: repeat it, whatever it was."""
    REPEAT_IF_SAFE = "repeat-if-safe"
    """Adobe may have acted: repeat what does no harm twice."""
    REFRESH_TOKEN = "refresh-token"  # noqa: S105 - a name
    """Get a new access token and repeat, once."""
    REREAD = "reread"
    """Read the entity again and decide anew."""
    WAIT = "wait"
    """Come back later, in minutes rather than seconds."""


class AdobeUserError(UserError):
    """Adobe refuses and a person has to act: the config, the credential, a permission."""

    def __init__(
        self,
        message: str,
        *,
        code: str,
        problem: AdobeProblem,
        action: Action = Action.STOP,
        hint: str | None = None,
        place: str | None = None,
        details: list[str] | None = None,
    ) -> None:
        super().__init__(message, code=code, hint=hint, place=place, details=details)
        self.problem = problem
        self.action = action


class EntityNotFoundError(AdobeUserError):
    """There is no such entity in this sandbox. Adobe also answers so for what access labels hide."""


class AdobeTransientError(TransientError):
    """Adobe can't now. Raised once repeating within the call was of no use or would take too long."""

    def __init__(
        self,
        message: str,
        *,
        code: str,
        problem: AdobeProblem,
        action: Action = Action.WAIT,
        hint: str | None = None,
        place: str | None = None,
        details: list[str] | None = None,
        retry_after_seconds: float | None = None,
    ) -> None:
        super().__init__(
            message, code=code, hint=hint, place=place, details=details, retry_after_seconds=retry_after_seconds
        )
        self.problem = problem
        self.action = action


class EtagMismatchError(AdobeTransientError):
    """The entity changed since it was read. Its tag also changes by itself shortly after each write."""


class DatasetsNotReadyError(AdobeTransientError):
    """The dataflow is too young for an ad-hoc run of its datasets; five to ten minutes are usual."""


class RunAlreadyGoingError(AdobeTransientError):
    """A run of this dataflow is under way, and there is one at a time.

    Attributes:
        run_id: The run Adobe names, or None where it names none.
    """

    run_id: str | None = None


class OutcomeUnknownError(TransientError):
    """A write whose answer was lost: it may or may not have happened. Look before writing again."""

    def __init__(
        self,
        message: str,
        *,
        problem: AdobeProblem,
        code: str = "adobe.outcome-unknown",
        hint: str | None = None,
        place: str | None = None,
        details: list[str] | None = None,
        retry_after_seconds: float | None = None,
    ) -> None:
        super().__init__(
            message, code=code, hint=hint, place=place, details=details, retry_after_seconds=retry_after_seconds
        )
        self.problem = problem


class AdobeInternalError(InternalError):
    """Adobe refuses a call that no config can cause, or answers what can't be read: a defect of ours or of theirs."""

    def __init__(
        self,
        message: str,
        *,
        code: str,
        problem: AdobeProblem,
        action: Action = Action.STOP,
        hint: str | None = None,
        place: str | None = None,
        details: list[str] | None = None,
    ) -> None:
        super().__init__(message, code=code, hint=hint, place=place, details=details)
        self.problem = problem
        self.action = action


AdobeError = AdobeUserError | AdobeTransientError | AdobeInternalError
