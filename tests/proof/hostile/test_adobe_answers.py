"""Answers that are none of Adobe's: over a socket to the product's own client, and in the middle of a workflow."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from random import Random
from typing import Any, NamedTuple

import pytest

from tests.proof.adobe_faults import Fault
from tests.proof.conftest import Ground
from tests.proof.figures import PROOF, write_figures
from tests.proof.hostile.answer_mutations import Damaging
from tests.proof.hostile.judging import Tally, peak_memory
from tests.proof.scenarios import SCENARIOS, Scenario
from tests.proof.test_fault_matrix import recorded
from tests.unit.docs.pages import ROOT

MOST_MEBIBYTES = 400
"""Of the client and the server together; most functions have 512."""
SECONDS = 5.0
NO_ANSWER, UNREADABLE, UNEXPECTED = "adobe.no-answer", "adobe.answer-unreadable", "adobe.unexpected-answer"
EXPECTED = {
    "100 MiB": NO_ANSWER,
    "gzip named often": NO_ANSWER,
    "deep enough to be read": NO_ANSWER,
    "half a character": NO_ANSWER,
    "no HTTP": NO_ANSWER,
    "a line break in a header": NO_ANSWER,
    "an escape in a header": "adobe.request-refused",
    "redirect": UNEXPECTED,
    "redirect to metadata": UNEXPECTED,
    "next page elsewhere": UNREADABLE,
    "next page at no address": UNREADABLE,
    "wait until no date": "adobe.unavailable",
    "a date without a calendar": "accepted",
}
EXPECTED_OF_THE_REST = {
    "100 MiB with an error": NO_ANSWER,
    "15 MiB of tokens": "adobe.request-refused",
    "a claim of 2 GiB": NO_ANSWER,
    "gzip bomb": NO_ANSWER,
    "gzip bomb in gzip": NO_ANSWER,
    "another encoding": NO_ANSWER,
    "no gzip": NO_ANSWER,
    "deep": NO_ANSWER,
    "empty lists": NO_ANSWER,
    "one long number": NO_ANSWER,
    "no numbers": NO_ANSWER,
    "no UTF-8": NO_ANSWER,
    "names twice": UNREADABLE,
    "redirect for good": UNEXPECTED,
    "next page is this one": UNREADABLE,
    "pages without end": UNREADABLE,
    "datasets without end": UNREADABLE,
    "audiences without end": UNREADABLE,
    "long headers": NO_ANSWER,
    "a long status": NO_ANSWER,
    "half a header": NO_ANSWER,
    "lengths that disagree": NO_ANSWER,
    "a negative length": NO_ANSWER,
    "one chunk of all": NO_ANSWER,
    "continue, often": "accepted",
    "wait for ever": "adobe.throttled",
    "many cookies": "accepted",
}


def ask(*names: str) -> dict[str, Any]:
    """What came of these answers, or of all there are."""
    done = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-m", "tests.proof.hostile.hostile_server", *names],
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'shared'}{os.pathsep}{ROOT}", "NO_PROXY": "127.0.0.1"},
        cwd=ROOT,
        capture_output=True,
        check=False,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def faults_of(said: dict[str, Any], expected: dict[str, str]) -> list[str]:
    found: dict[str, dict[str, Any]] = said["found"]
    wrong = [f"{name}: {fault}" for name, one in found.items() for fault in one["wrong"]]
    wrong += [f"{name}: {one['seconds']:.1f} s" for name, one in found.items() if one["seconds"] > SECONDS]
    ends = {name: one["end"] for name, one in found.items()}
    wrong += [f"{name}: {end}, not {expected[name]}" for name, end in ends.items() if end != expected[name]]
    wrong += [f"asked of another host: {head}" for head in said["leaked"]]
    return wrong + ([f"{said['mebibytes']} MiB"] if said["mebibytes"] > MOST_MEBIBYTES else [])


@pytest.mark.timeout(120)
def test_some_answers_over_a_socket() -> None:
    said = ask(*EXPECTED)

    assert faults_of(said, EXPECTED) == []
    assert said["found"].keys() == EXPECTED.keys()


@pytest.mark.skipif(not PROOF, reason="takes minutes: make proof")
@pytest.mark.timeout(1200)
def test_every_answer_over_a_socket() -> None:
    started = time.monotonic()
    said = ask()
    found = said["found"]
    wrong = faults_of(said, {**EXPECTED, **EXPECTED_OF_THE_REST})

    write_figures(
        "hostile-answers",
        hostile="Answers of Adobe's, over a socket",
        tried=len(found),
        accepted=sum(one["end"] == "accepted" for one in found.values()),
        refused=sum(one["end"] != "accepted" for one in found.values()),
        wrong=len(wrong),
        slowest=round(max(one["seconds"] for one in found.values()), 2),
        mebibytes=said["mebibytes"],
        seconds=time.monotonic() - started,
        ends={name: one["end"] for name, one in found.items()},
    )
    assert wrong == []


class Damaged(NamedTuple):
    """A call of a workflow whose answer, and maybe those after it, are not as Adobe gave them."""

    scenario: Scenario
    operation: str
    nth: int
    times: int
    seed: int


def damaged_answers(ground: Ground, seed: int, number: int) -> Iterator[Damaged]:
    random = Random(seed)  # noqa: S311 - the same every time
    calls = {scenario.name: recorded(ground, scenario) for scenario in SCENARIOS}
    for _ in range(number):
        scenario = random.choice(SCENARIOS)
        operation, times = random.choice(list(calls[scenario.name].items()))
        yield Damaged(scenario, operation, random.randint(1, times), random.choice((1, 1, 50)), random.randrange(10**9))


def try_out(ground: Ground, cells: Iterator[Damaged]) -> Tally:
    tally = Tally()
    for cell in cells:
        stack = ground.fresh()
        cell.scenario.prepare(stack)
        damaging = Damaging(cell.seed)
        ground.transport.arm(cell.operation, cell.nth, Fault("hostile", "hostile", damaging, cell.times))
        before = len(tally.wrong)
        tally.judge(f"{cell}", partial(_act, cell.scenario, stack), seconds=20.0)
        tally.wrong[before:] = [f"{one}: {damaging.said[:500]!r}" for one in tally.wrong[before:]]
    return tally


def _act(scenario: Scenario, stack: Any) -> None:
    scenario.act(stack)


@pytest.mark.timeout(300)
@pytest.mark.usefixtures("silence")
def test_a_sample_of_damaged_answers(ground: Ground) -> None:
    assert try_out(ground, damaged_answers(ground, 3, 8)).wrong == []


@pytest.mark.skipif(not PROOF, reason="takes minutes: make proof")
@pytest.mark.timeout(7200)
@pytest.mark.usefixtures("silence")
def test_a_thousand_damaged_answers(ground: Ground) -> None:
    started = time.monotonic()
    tally = try_out(ground, damaged_answers(ground, 1, 1_500))

    write_figures(
        "hostile-workflows",
        hostile="Damaged answers in a workflow",
        tried=tally.total,
        accepted=tally.accepted,
        refused=tally.total - tally.accepted,
        wrong=len(tally.wrong),
        slowest=round(tally.slowest, 2),
        mebibytes=peak_memory(),
        seconds=time.monotonic() - started,
        ends=dict(tally.ends.most_common()),
    )
    assert tally.wrong == []
