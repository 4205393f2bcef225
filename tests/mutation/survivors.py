"""What became of the mutants, and why those that live may."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from tests.mutation.targets import Target

EXPLAINED = Path(__file__).with_name("survivors.toml")
_NAME = re.compile(r"aep_delivery\.(?P<module>[\w.]+)\.x(?:ǁ(?P<kind>\w+)ǁ|_)(?P<function>\w+?)__mutmut_\d+")


@dataclass(frozen=True)
class Survivor:
    """A mutant that no test has noticed.

    Attributes:
        where: ``planning.diff.changed_fields``.
        change: Its lines before and after, as a diff has them.
        why: Why it may live; None where nobody has said so.
    """

    where: str
    change: str
    why: str | None


@dataclass(frozen=True)
class Explanation:
    """Why mutants of a kind may live.

    Attributes:
        where: A pattern of their functions.
        change: A regular expression that is found in the change.
        why: For people.
    """

    where: str
    change: str
    why: str

    def holds(self, where: str, change: str) -> bool:
        return fnmatchcase(where, self.where) and re.search(self.change, change, re.MULTILINE) is not None


@dataclass(frozen=True)
class Outcome:
    """What became of the mutants of one target."""

    target: Target
    mutants: int
    survivors: list[Survivor] = field(default_factory=list)

    @property
    def killed(self) -> int:
        return self.mutants - len(self.survivors)

    @property
    def share(self) -> float:
        """Of the mutants, those that were killed, in percent."""
        return 100 * self.killed / self.mutants

    @property
    def unexplained(self) -> list[Survivor]:
        return [survivor for survivor in self.survivors if survivor.why is None]


def explanations() -> list[Explanation]:
    """Those that are written down, in their order: the first that holds counts."""
    return [Explanation(**one) for one in tomllib.loads(EXPLAINED.read_text())["survivor"]]


def outcome_of(target: Target, result: Path, known: list[Explanation]) -> Outcome:
    """Read what the mutants' run has written down."""
    said = json.loads(result.read_text())
    survivors = [_survivor(name, one["diff"], known) for name, one in said.items() if "diff" in one]
    return Outcome(target=target, mutants=len(said), survivors=sorted(survivors, key=lambda one: one.where))


def _survivor(name: str, diff: str, known: list[Explanation]) -> Survivor:
    found = _NAME.fullmatch(name)
    assert found is not None, name
    where = ".".join(part for part in found.groups() if part)
    change = "\n".join(line for line in diff.splitlines() if re.match(r"[-+](?![-+]{2})", line))
    why = next((one.why for one in known if one.holds(where, change)), None)
    return Survivor(where=where, change=change, why=why)
