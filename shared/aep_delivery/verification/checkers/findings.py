"""The findings of one file, of which there may be more than anyone reads."""

from __future__ import annotations

from aep_delivery.verification.checkers.base import Damage
from aep_delivery.verification.limits import Limits
from aep_delivery.verification.report import Finding, Severity

TOO_MANY = Damage("file.too-many-findings", "So many rows have findings that reading stopped.")
"""Each one takes time, and a file of nothing else says no more."""


class Findings:
    """Collects findings up to a number and counts the rest.

    Args:
        key: The file they are about.
        limits: How many to list, and how many to count.
    """

    def __init__(self, key: str, limits: Limits) -> None:
        self._key = key
        self._most = limits.max_findings
        self._most_counted = limits.max_counted_findings
        self._listed: list[Finding] = []
        self._unlisted = 0

    @property
    def listed(self) -> tuple[Finding, ...]:
        """The first ones."""
        return tuple(self._listed)

    @property
    def unlisted(self) -> int:
        """How many more there are."""
        return self._unlisted

    def add(self, code: str, message: str, where: str | None, severity: Severity = Severity.ERROR) -> None:
        """Add one; a message never quotes the file's content.

        Raises:
            Damage: ``file.too-many-findings``.
        """
        if len(self._listed) < self._most:
            finding = Finding(code=code, message=message, severity=severity, path=self._key, where=where)
            self._listed.append(finding)
        else:
            self._unlisted += 1
            if self._unlisted > self._most_counted:
                raise TOO_MANY

    def all(self, *last: Damage) -> tuple[Finding, ...]:
        """What was found, how much more there is, and what ended the reading."""
        more = [more_findings(self._unlisted, self._key)] if self._unlisted else []
        return (*self._listed, *more, *(damage.finding(self._key) for damage in last))


def more_findings(number: int, key: str) -> Finding:
    """What is said of the findings that are not listed."""
    return Finding(
        code="file.more-findings",
        message=f"{number:,} more rows of this file have findings.",
        severity=Severity.WARNING,
        path=key,
    )
