"""What ``deliver`` and ``verify_run`` share is the same in both: a run is judged alike, whoever has started it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.template.definition import definitions

DELIVER = definitions()["statemachines/deliver.asl.json"].states
VERIFY_RUN = definitions()["statemachines/verify_run.asl.json"].states
OWN = {"Begin", "LoadRun", "RunIsOurs", "NothingToVerify"}
NEVER = {"VerifiedElsewhere", "WasSuperseded", "Superseded"}
"""There is no other execution to take a verdict from: the claim is held. And no config is read that could be replaced."""


def without_comment(state: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in state.items() if name != "Comment"}


@pytest.mark.parametrize("name", sorted(set(VERIFY_RUN) - OWN))
def test_a_state_after_the_run_is_the_one_of_deliver(name: str) -> None:
    delivers = without_comment(DELIVER[name])
    if name == "RunFinished":
        delivers["Choices"] = [choice for choice in delivers["Choices"] if choice["Next"] not in NEVER]
    if name == "HandleFailure":
        assert DELIVER[delivers["Next"]]["Default"] == VERIFY_RUN[name]["Next"]
        delivers["Next"] = VERIFY_RUN[name]["Next"]
    assert without_comment(VERIFY_RUN[name]) == delivers


def test_no_state_after_the_run_is_left_out() -> None:
    order = list(DELIVER)
    assert set(order[order.index("CheckRun") :]) - NEVER == set(VERIFY_RUN) - OWN
