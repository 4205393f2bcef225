"""The findings of one file, of which there may be more than anyone reads."""

from __future__ import annotations

from aep_delivery.verification.checkers.base import Damage
from aep_delivery.verification.limits import Limits
from aep_delivery.verification.report import Finding, Severity


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

    def add(self, code: str, message: str, where: str | None, severity: Severity = Severity.ERROR) -> None:
        """Add one; a message never quotes the file's content.

        Raises:
            Damage: ``file.too-many-findings``. Each one takes time, and a file of nothing else says no more.
        """
        if len(self._listed) < self._most:
            finding = Finding(code=code, message=message, severity=severity, path=self._key, where=where)
            self._listed.append(finding)
        else:
            self._unlisted += 1
            if self._unlisted > self._most_counted:
                raise Damage("file.too-many-findings", "So many rows have findings that reading stopped.", where)

    def all(self, *last: Damage) -> tuple[Finding, ...]:
        """What was found, how much more there is, and what ended the reading."""
        more = Finding(
            code="file.more-findings",
            message=f"{self._unlisted:,} more rows of this file have findings.",
            severity=Severity.WARNING,
            path=self._key,
        )
        ended = [damage.finding(self._key) for damage in last]
        return (*self._listed, *([more] if self._unlisted else []), *ended)
