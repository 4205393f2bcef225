"""One check after the other: what failed keeps those that need it from being tried."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import TypeVar

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from aep_delivery.cli import aws_errors
from aep_delivery.runtime.errors import DeliveryError

T = TypeVar("T")


class State(StrEnum):
    """How a check ended."""

    OK = "ok"
    FAILED = "failed"
    SKIPPED = "skipped"
    """There was nothing to check, or something that it needs has failed."""

    @property
    def sigil(self) -> str:
        return {State.OK: "✓", State.FAILED: "✗", State.SKIPPED: "\N{EN DASH}"}[self]


class Checked(BaseModel):
    """One check. Holds no part of any secret."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)

    name: str
    state: State
    message: str
    code: str | None = None
    """Of the error, where it failed."""
    details: list[str] = []
    remedy: str | None = None
    """What to do about it."""


class NothingToCheckError(Exception):
    """Raised by a check that does not apply. Its text says why."""


class Checkup:
    """The checks of one command.

    Args:
        tell: Gets each check as soon as it has ended.
    """

    def __init__(self, tell: Callable[[Checked], None]) -> None:
        self._tell = tell
        self._unfit: set[str] = set()
        self.done: list[Checked] = []

    @property
    def healthy(self) -> bool:
        """Whether nothing has failed."""
        return not any(one.state is State.FAILED for one in self.done)

    def check(
        self, name: str, look: Callable[[], T], say: Callable[[T], str], *, needs: Sequence[str] = ()
    ) -> T | None:
        """Make one check.

        Args:
            name: Of the check.
            look: Does it. Raises what it finds wrong, or :class:`NothingToCheckError`.
            say: One line about what was found.
            needs: Names of earlier checks that must not have failed.

        Returns:
            What was found; None where it failed or was not made.
        """
        missing = [need for need in needs if need in self._unfit]
        if missing:
            self._unfit.add(name)
            self._end(Checked(name=name, state=State.SKIPPED, message=f"waits for: {missing[0]}"))
            return None
        try:
            found = look()
        except NothingToCheckError as reason:
            self._end(Checked(name=name, state=State.SKIPPED, message=str(reason)))
            return None
        except DeliveryError as error:
            self._fail(name, aws_errors.with_your_hint(error))
            return None
        except (BotoCoreError, ClientError) as error:
            self._fail(name, aws_errors.explain(error))
            return None
        self._end(Checked(name=name, state=State.OK, message=say(found)))
        return found

    def _fail(self, name: str, error: DeliveryError) -> None:
        self._unfit.add(name)
        self._end(
            Checked(
                name=name,
                state=State.FAILED,
                message=error.message,
                code=error.code,
                details=error.details,
                remedy=error.hint,
            )
        )

    def _end(self, checked: Checked) -> None:
        self.done.append(checked)
        self._tell(checked)
