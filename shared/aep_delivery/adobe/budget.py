"""What all functions share about Adobe: how much may be asked, and whether Adobe is well. One small record."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field


class Budget(BaseModel):
    """The bucket and the circuit of one organisation. Changed by :mod:`~aep_delivery.adobe.rate` and
    :mod:`~aep_delivery.adobe.circuit` alone, and replaced as a whole.

    A field nobody knows is ignored, unlike in what the state store keeps: at worst calls are counted anew.
    """

    model_config = ConfigDict(defer_build=True, frozen=True, extra="ignore")

    version: int = Field(default=0, ge=0)
    """As it was read; 0 for one that was never written."""
    epoch: int = 0
    """Grows whenever what was granted before is void: throttled, opened, closed."""
    millitokens: int
    """Thousandths of calls that may be made. Below zero: calls to come that are granted already."""
    counted_at: AwareDatetime
    """Up to when the bucket has been filled. In the future while Adobe has asked for a pause."""
    ramp_from: AwareDatetime | None = None
    """Since when the bucket fills slowly, growing; None where it never had to."""
    window_from: AwareDatetime
    """Since when calls and failures are counted."""
    window_calls: int = 0
    window_failures: int = 0
    opened_at: AwareDatetime | None = None
    """Since when nobody asks Adobe; None where all do."""
    probe_at: AwareDatetime | None = None
    """From when on one call may try whether Adobe is well again."""

    @classmethod
    def full(cls, burst: int, now: datetime) -> Budget:
        """That of an organisation that was never asked anything."""
        return cls(millitokens=burst * 1000, counted_at=now, window_from=now)

    def written(self) -> Budget:
        """This record as it lies in the store after the write."""
        return self.model_copy(update={"version": self.version + 1})


class BudgetStore(Protocol):
    """Where budgets are kept. Both methods raise ``TransientError`` and ``InternalError`` as the state store does."""

    def read(self, organisation: str) -> Budget | None:
        """As the last write left it; None before the first."""

    def write(self, organisation: str, budget: Budget) -> bool:
        """Replace the budget that was read.

        Returns:
            False where somebody else has written it since; nothing is changed then.
        """


class MemoryBudgets:
    """A ``BudgetStore`` for one process: the command line, and tests."""

    def __init__(self) -> None:
        self._kept: dict[str, Budget] = {}

    def read(self, organisation: str) -> Budget | None:
        return self._kept.get(organisation)

    def write(self, organisation: str, budget: Budget) -> bool:
        there = self._kept.get(organisation)
        if (there.version if there else 0) != budget.version:
            return False
        self._kept[organisation] = budget.written()
        return True
