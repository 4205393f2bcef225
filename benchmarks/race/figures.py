"""What a race has found, and how it is told: a JSON document and tables for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from pydantic import BaseModel

from benchmarks.race.contestants import DEPLOYED, Contestant

BEGIN, END = "<!-- figures: written by make bench -->", "<!-- end of figures -->"


class Lap(NamedTuple):
    """One delivery that nothing disturbed."""

    calls: int
    looks: int
    wall: float
    cpu: float


class Undisturbed(BaseModel):
    """Medians for one delivery. Times in seconds."""

    laps: int
    calls: float
    looks: float
    """How many of the calls ask how the run stands."""
    wall: float
    cpu: float


class Disturbed(BaseModel):
    """Sums over deliveries of which each has lost an answer."""

    deliveries: int
    starts: int
    """How often its user started it."""
    well: int
    """For how many deliveries it said in the end that all is well."""
    calls: int
    left_over: dict[str, int]
    """What there is too much of in Adobe, by kind."""

    def __add__(self, other: Disturbed) -> Disturbed:
        kinds = {**self.left_over, **other.left_over}
        left = {kind: self.left_over.get(kind, 0) + other.left_over.get(kind, 0) for kind in kinds}
        sums = {name: getattr(self, name) + getattr(other, name) for name in ("deliveries", "starts", "well", "calls")}
        return Disturbed(**sums, left_over=left)

    @property
    def connections(self) -> int:
        """Connections of all three kinds that nobody needs."""
        return sum(count for kind, count in self.left_over.items() if kind.lower().endswith("connections"))


class Results(BaseModel):
    """One race; by what is delivered, then by contestant."""

    day: str
    machine: str
    load: str
    command: str
    undisturbed: dict[str, dict[str, Undisturbed]]
    lost: dict[str, dict[str, Disturbed]]
    damaged: dict[str, dict[str, bool]]
    """By contestant, then by damage: whether it is noticed."""

    @property
    def lost_in_all(self) -> dict[str, Disturbed]:
        """By contestant alone."""
        first, *others = self.lost.values()
        return {key: sum((other[key] for other in others), taken) for key, taken in first.items()}


def into(page: str, text: str) -> str:
    """A page with the text in the place of what the last race has written there.

    Raises:
        ValueError: The page has no such place.
    """
    before, _, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise ValueError("the page has no place for figures")
    return f"{before}{BEGIN}\n\n{text}\n{END}{after}"


def tables(results: Results, contestants: tuple[Contestant, ...]) -> str:
    """All tables, as Markdown. Ratios are to the first contestant, who is us."""
    by_key = {contestant.key: contestant for contestant in contestants}
    counts = " and ".join(
        f"{next(iter(taken.values())).laps} of {course}" for course, taken in results.undisturbed.items()
    )
    lines = [
        f"Measured on {results.day}, {results.machine}, by `{results.command}`; medians of {counts}.",
        f"Load {results.load}.",
        "",
    ]
    for course, taken in results.undisturbed.items():
        lines += [f"### One delivery of {course}", "", *_undisturbed(taken, by_key), ""]
    lines += ["### With answers lost", "", *_lost(results.lost_in_all, by_key), ""]
    lines += ["### With a file damaged", "", *_damaged(results.damaged, by_key), ""]
    kept = [f"{contestant.name} {contestant.lines()}" for contestant in contestants if contestant.lines()]
    lines.append(f"Lines of Python that a user keeps: {', '.join(kept)}.\n")
    return "\n".join(lines)


def _undisturbed(taken: dict[str, Undisturbed], by_key: dict[str, Contestant]) -> Iterator[str]:
    ours = next(iter(taken.values()))
    yield "| | calls to Adobe | looks at runs among them | calls, times ours | wall, times ours | CPU, times ours |"
    yield "|---|---:|---:|---:|---:|---:|"
    for key, each in taken.items():
        cpu = "in AWS" if key == DEPLOYED.key else f"{each.cpu / ours.cpu:.2f}"
        yield (
            f"| {by_key[key].name} | {each.calls:g} | {each.looks:g} | {each.calls / ours.calls:.2f} "
            f"| {each.wall / ours.wall:.2f} | {cpu} |"
        )


def _lost(taken: dict[str, Disturbed], by_key: dict[str, Contestant]) -> Iterator[str]:
    said = "started by hand | in the end it says that all is well"
    yield f"| | {said} | connections too many | dataflows too many | runs too many |"
    yield "|---|---:|---:|---:|---:|---:|"
    for key, each in taken.items():
        over = " | ".join(str(each.left_over.get(kind, 0)) for kind in ("flows", "runs"))
        well = f"{each.well} of {each.deliveries}"
        yield f"| {by_key[key].name} | {each.starts} | {well} | {each.connections} | {over} |"


def _damaged(taken: dict[str, dict[str, bool]], by_key: dict[str, Contestant]) -> Iterator[str]:
    yield f"| | {' | '.join(by_key[key].name for key in taken)} |"
    yield f"|---|{'---|' * len(taken)}"
    for damage in next(iter(taken.values()), {}):
        said = ["noticed" if noticed[damage] else "**not noticed**" for noticed in taken.values()]
        yield f"| {damage} | {' | '.join(said)} |"
