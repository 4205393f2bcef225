from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from .conftest import PLANES, Adobe

PATH = "/data/core/activation/disflowprovider/adhocrun"
ACCEPT = "application/vnd.adobe.adhoc.dataset.activation+json; version=1"
NOT_READY = {"message": "Following order ID(s) are not ready for dataset export"}


def test_t80_a_new_flow_is_not_ready_at_first(adobe: Adobe, s3: Any) -> None:
    flow = adobe.flow()
    answer = adobe.run_now(flow)
    assert (answer.status_code, answer.json()) == (400, NOT_READY)
    adobe.advance(289)
    assert adobe.run_now(flow).status_code == 400
    adobe.advance(1)
    assert adobe.run_now(flow).status_code == 200


def test_the_answer_names_the_run(start_adobe: Callable[..., Adobe], s3: Any) -> None:
    adobe = start_adobe(adhoc_ready_after=0.0)
    flow = adobe.flow()
    answer = adobe.run_now(flow).json()
    (run,) = adobe.finished_runs(flow)
    url = f"{adobe.emulator.base_url}/data/foundation/flowservice/runs/{run['id']}"
    assert answer == {"destinations": [{"datasets": [{"id": PLANES, "statusURL": url, "flowId": flow}]}]}
    assert adobe.item(f"/runs/{run['id']}")["flowId"] == flow


def test_t80_while_a_run_goes_on_the_flow_is_not_ready(adobe: Adobe, s3: Any) -> None:
    flow = adobe.flow()
    adobe.advance(300)
    adobe.post("/_emulator/run-faults", {"outcome": "stall"})
    assert adobe.run_now(flow).status_code == 200
    assert adobe.run_now(flow).json() == NOT_READY


@pytest.mark.parametrize(
    ("accept", "body"),
    [
        (ACCEPT, {}),
        (ACCEPT, {"activationInfo": {"destinations": "x"}}),
        (ACCEPT, {"activationInfo": {"destinations": []}}),
        ("application/json", {"activationInfo": {"destinations": []}}),
    ],
)
def test_other_forms_are_refused_in_the_plain_shape(adobe: Adobe, accept: str, body: object) -> None:
    answer = adobe.post(PATH, body, headers={"Accept": accept})
    assert answer.status_code == 400
    assert set(answer.json()) == {"message"}


def test_strangers_are_refused(adobe: Adobe) -> None:
    flow = adobe.flow()
    adobe.advance(300)
    assert adobe.run_now("nobody").status_code == 404
    assert "not part of this dataflow" in adobe.run_now(flow, "other").json()["message"]
    assert adobe.get(PATH).status_code == 405
    assert adobe.post(PATH, {}, headers={"x-sandbox-name": ""}).json()["type"].endswith("FLOW-2105-400")
