"""Every call of a workflow fails in every way, and Adobe is as declared all the same, or the refusal says why.

Which calls there are is not written down: each scenario is run once without a fault, and what it called is what fails.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import count

import pytest

from tests.proof.adobe_faults import FAULTS, Fault
from tests.proof.conftest import Ground
from tests.proof.expected import RECOVERED, expected_end
from tests.proof.figures import PROOF, write_figures
from tests.proof.leaks import LEAKS
from tests.proof.scenarios import SCENARIOS, Scenario, refusal

NEVER_CALLED = "never called"
"""The call did not come: how often a run is looked at depends on the machine."""


@dataclass(frozen=True)
class Cell:
    """The nth call of an operation, and what becomes of it."""

    scenario: Scenario
    operation: str
    nth: int
    fault: Fault

    def __str__(self) -> str:
        return f"{self.scenario.name}: {self.operation} (call {self.nth}) with {self.fault.name}"


@dataclass
class Tally:
    """What came of many cells."""

    ends: Counter[str] = field(default_factory=Counter)
    calls: set[str] = field(default_factory=set)
    faults: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)

    def add(self, cell: Cell, end: str, wrong: list[str]) -> None:
        """One more cell."""
        self.ends[end] += 1
        self.calls.add(cell.operation)
        self.faults.add(cell.fault.name)
        self.wrong += [f"{cell}: {one}" for one in wrong]


def recorded(ground: Ground, scenario: Scenario) -> dict[str, int]:
    """The operations of a run without a fault, in their order, and how often each was called."""
    stack = ground.fresh()
    scenario.prepare(stack)
    ground.transport.disarm()
    assert refusal(lambda: scenario.act(stack)) == RECOVERED
    calls = dict(Counter(ground.transport.calls))
    assert scenario.faults_of_the_end(stack) == []
    return calls


def try_cell(ground: Ground, cell: Cell) -> tuple[str, list[str]]:
    """How the workflow ended, and what is wrong with that, or with what it left."""
    stack = ground.fresh()
    cell.scenario.prepare(stack)
    ground.transport.arm(cell.operation, cell.nth, cell.fault)
    end = refusal(lambda: cell.scenario.act(stack))
    expected = expected_end(cell.operation, cell.nth, cell.fault, applied=cell.scenario.before is not None)
    wrong = [] if end == expected else [f"ended with {end}, not with {expected}"]
    met = ground.transport.hits > 0
    ground.transport.disarm()
    if not met:
        return NEVER_CALLED, [] if end == RECOVERED else [f"ended with {end}, though nothing failed"]
    if end != RECOVERED:
        cell.scenario.heal(stack)
    wrong += cell.scenario.faults_of_the_end(stack)
    runs = len(stack.adobe.entities("runs"))
    wrong += LEAKS.found(stack)
    if cell.scenario.runs and end == RECOVERED and runs != 1:
        wrong.append(f"{runs} runs instead of one")
    return end, wrong


def prove(ground: Ground, cells: Iterable[Cell]) -> Tally:
    tally = Tally()
    for cell in cells:
        try:
            end, wrong = try_cell(ground, cell)
        except Exception as error:  # noqa: BLE001 - one cell must not hide what becomes of the others
            end, wrong = type(error).__name__, [f"{type(error).__name__}: {str(error)[:300]}"]
        tally.add(cell, end, wrong)
    return tally


@pytest.mark.timeout(900)
@pytest.mark.usefixtures("overheard")
def test_a_sample_of_the_matrix(ground: Ground) -> None:
    """Each operation of each scenario with one fault, each fault several times, the same ones every time."""
    numbers, stride = count(), 7
    cells = [
        Cell(scenario, operation, 1, FAULTS[next(numbers) * stride % len(FAULTS)])
        for scenario in SCENARIOS
        for operation in recorded(ground, scenario)
    ]

    tally = prove(ground, cells)

    assert tally.wrong == []
    assert tally.ends[NEVER_CALLED] == 0
    assert tally.faults == {fault.name for fault in FAULTS}


@pytest.mark.skipif(not PROOF, reason="takes minutes: make proof")
@pytest.mark.timeout(7200)
@pytest.mark.usefixtures("overheard")
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_the_whole_matrix(ground: Ground, scenario: Scenario) -> None:
    """The first and the last call of every operation with every fault."""
    started = time.monotonic()
    cells = [
        Cell(scenario, operation, nth, fault)
        for operation, times in recorded(ground, scenario).items()
        for nth in sorted({1, times})
        for fault in FAULTS
    ]

    tally = prove(ground, cells)
    unmet = tally.ends.pop(NEVER_CALLED, 0)
    assert unmet <= len(cells) // 50

    write_figures(
        f"faults-{scenario.name}",
        what=f"Faults of Adobe's: {scenario.name}",
        cells=sum(tally.ends.values()),
        operations=len(tally.calls),
        faults=len(tally.faults),
        recovered=tally.ends[RECOVERED],
        refused=sum(tally.ends.values()) - tally.ends[RECOVERED],
        wrong=len(tally.wrong),
        seconds=time.monotonic() - started,
        ends=dict(tally.ends),
    )
    assert tally.wrong == []
