"""Every call to AWS fails in every way: the journal, the documents, the secrets, the events, the destination's files."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.proof.aws_faults import AWS_FAULTS, AwsFault, Wire
from tests.proof.aws_ground import AwsInstallation, AwsServices, emulated_aws, furnish
from tests.proof.conftest import Ground
from tests.proof.expected import RECOVERED
from tests.proof.figures import PROOF, write_figures
from tests.proof.leaks import LEAKS
from tests.proof.scenarios import SCENARIOS, refusal

DELIVERED = next(scenario for scenario in SCENARIOS if scenario.name == "datasets")
PASSING = {"passing", "lost", "harmless"}
"""Kinds of faults that are over after a while: whatever they hit, the workflow ends as if nothing had been."""
REFUSALS = {
    "dynamodb": {"InternalError state.access-denied", "InternalError state.request-refused"},
    "secretsmanager": {"InternalError aws.refused", "UserError secret.access-denied"},
    "events": {"InternalError aws.refused"},
    "work": {"InternalError aws.refused", "InternalError work.document-invalid"},
    "destination": {"UserError storage.access-denied", "InternalError storage.call-refused"},
}
"""What a fault that stays may be called, by whom it came from."""


@dataclass
class Cloud:
    """An emulated AWS, and the wire to it."""

    ground: Ground
    wire: Wire
    clients: dict[str, Any]
    calls: Counter[str] = field(default_factory=Counter)
    """Of the last delivery."""

    def live(self, operation: str = "", nth: int = 0, fault: AwsFault | None = None) -> tuple[str, list[str]]:
        """A delivery with one fault: how it ended, and what is wrong."""
        self.wire.disarm()
        name = furnish(self.clients)
        adobe = self.ground.fresh().adobe
        stack = AwsInstallation(adobe, AwsServices(adobe, self.clients, name))
        self.wire.disarm()
        if fault is not None:
            self.wire.arm(operation, nth, fault)
        end = refusal(lambda: DELIVERED.act(stack))
        hits, self.calls = self.wire.hits, Counter(self.wire.calls)
        self.wire.disarm()
        if end != RECOVERED:
            DELIVERED.heal(stack)
        wrong = [*DELIVERED.faults_of_the_end(stack), *LEAKS.found(stack)]
        runs = len(adobe.entities("runs"))
        if end == RECOVERED and runs != 1:
            wrong.append(f"{runs} runs instead of one")
        if fault is not None:
            wrong += [*_misnamed(end, operation, nth, fault), *([] if hits else ["was never called"])]
        return end, wrong

    def recorded(self) -> dict[str, int]:
        """What a delivery asks of AWS, and how often."""
        end, wrong = self.live()
        assert (end, wrong) == (RECOVERED, [])
        return dict(self.calls)

    def prove(self, cells: list[tuple[str, int, AwsFault]]) -> tuple[Counter[str], list[str]]:
        """The ends of many cells, and what is wrong with them."""
        ends: Counter[str] = Counter()
        told: list[str] = []
        for operation, nth, fault in cells:
            try:
                end, wrong = self.live(operation, nth, fault)
            except Exception as error:  # noqa: BLE001 - one cell must not hide what becomes of the others
                end, wrong = type(error).__name__, [f"{type(error).__name__}: {str(error)[:300]}"]
            ends[end] += 1
            told += [f"{operation} (call {nth}) with {fault.name}: {one}" for one in wrong]
        return ends, told


@pytest.fixture
def cloud(ground: Ground) -> Iterator[Cloud]:
    wire = Wire()
    with emulated_aws(wire) as clients:
        yield Cloud(ground, wire, clients)


def _misnamed(end: str, operation: str, nth: int, fault: AwsFault) -> list[str]:
    if end == RECOVERED:
        # What is denied for long cannot have been got over. What a write answers need not be read, and what is read
        # last are the earlier deliveries, which only serve to compare with.
        courtesy = operation == "work.GetObject" and nth > 1
        return ["recovered from a refusal"] if fault.kind == "denied" and not courtesy else []
    allowed = set() if fault.kind in PASSING else REFUSALS[operation.partition(".")[0]]
    return [] if end in allowed else [f"ended with {end}"]


@pytest.mark.timeout(900)
@pytest.mark.usefixtures("overheard")
def test_a_sample_of_the_matrix(cloud: Cloud) -> None:
    """Each fault once and each operation more than once, the same ones every time."""
    operations = list(cloud.recorded())
    cells = [(operations[number % len(operations)], 1, fault) for number, fault in enumerate(AWS_FAULTS)]
    assert len(operations) <= len(AWS_FAULTS)
    _, wrong = cloud.prove(cells)
    assert wrong == []


@pytest.mark.skipif(not PROOF, reason="takes minutes: make proof")
@pytest.mark.timeout(7200)
@pytest.mark.usefixtures("overheard")
def test_the_whole_matrix(cloud: Cloud) -> None:
    """The first and the last call of every operation with every fault."""
    started = time.monotonic()
    calls = cloud.recorded()
    cells = [(one, nth, fault) for one, times in calls.items() for nth in sorted({1, times}) for fault in AWS_FAULTS]
    ends, wrong = cloud.prove(cells)
    write_figures(
        "faults-aws",
        what="Faults of AWS's: datasets",
        cells=len(cells),
        operations=len(calls),
        faults=len(AWS_FAULTS),
        recovered=ends[RECOVERED],
        refused=len(cells) - ends[RECOVERED],
        wrong=len(wrong),
        seconds=time.monotonic() - started,
        ends=dict(ends),
    )
    assert wrong == []
