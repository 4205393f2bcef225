from __future__ import annotations

import json

import httpx
import pytest

from aep_delivery.adobe.adhoc import start_dataset_run
from aep_delivery.adobe.errors import (
    AdobeUserError,
    DatasetsNotReadyError,
    OutcomeUnknownError,
    RunAlreadyGoingError,
)
from aep_delivery.adobe.transport import AdobeTransport
from tests.unit.adobe.scripted import ScriptedAdobe

RUNS = "https://platform.adobe.io/data/foundation/flowservice/runs"


def answer(*datasets: dict[str, str]) -> httpx.Response:
    return httpx.Response(200, json={"destinations": [{"datasets": list(datasets)}]})


def test_a_run_is_asked_for_and_named(transport: AdobeTransport, adobe: ScriptedAdobe) -> None:
    adobe.script = [
        answer(
            {"id": "d1", "statusURL": f"{RUNS}/r1", "flowId": "f1"},
            {"id": "d2", "statusURL": f"{RUNS}/r1/?x=y", "flowId": "f1"},
            {"id": "d3", "statusURL": f"{RUNS}/r2", "flowId": "f1"},
        )
    ]

    assert start_dataset_run(transport, "f1", ["d1", "d2", "d3"]) == ["r1", "r2"]
    call = adobe.calls[0]
    assert (call.method, call.url.path) == ("POST", "/data/core/activation/disflowprovider/adhocrun")
    assert call.headers["accept"] == "application/vnd.adobe.adhoc.dataset.activation+json; version=1"
    assert call.headers["x-sandbox-name"] == "sand-1"
    assert json.loads(call.content) == {
        "activationInfo": {"destinations": [{"flowId": "f1", "datasets": [{"id": "d1"}, {"id": "d2"}, {"id": "d3"}]}]}
    }


@pytest.mark.parametrize(
    "unnamed",
    [
        httpx.Response(200, json={}),
        httpx.Response(200, json={"destinations": ["odd", {"datasets": None}]}),
        answer({"id": "d1"}),
        answer({"id": "d1", "statusURL": "https://platform.adobe.io/elsewhere"}),
        answer({"id": "d1", "statusURL": f"{RUNS}/r9", "flowId": "another"}),
    ],
)
def test_an_answer_without_runs_names_none(
    transport: AdobeTransport, adobe: ScriptedAdobe, unnamed: httpx.Response
) -> None:
    adobe.script = [unnamed]

    assert start_dataset_run(transport, "f1", ["d1"]) == []


@pytest.mark.parametrize(
    ("message", "error"),
    [
        ("Run already going on for audience d1 for order f1 with run id r7", RunAlreadyGoingError),
        ("Following order ID(s) are not ready for dataset export", DatasetsNotReadyError),
        ("Segments x are not part of this dataflow or out of schedule range!", AdobeUserError),
    ],
)
def test_t80_refusals_are_told_apart(
    transport: AdobeTransport, adobe: ScriptedAdobe, message: str, error: type[Exception]
) -> None:
    adobe.script = [httpx.Response(400, json={"message": message})]

    with pytest.raises(error) as caught:
        start_dataset_run(transport, "f1", ["d1"])

    assert type(caught.value) is error
    assert len(adobe.calls) == 1


def test_a_lost_answer_is_not_asked_for_again(transport: AdobeTransport, adobe: ScriptedAdobe) -> None:
    adobe.script = [httpx.ReadTimeout("slow")]

    with pytest.raises(OutcomeUnknownError):
        start_dataset_run(transport, "f1", ["d1"])
