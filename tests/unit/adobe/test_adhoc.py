from __future__ import annotations

import json
from collections.abc import Callable

import httpx
import pytest

from aep_delivery.adobe.adhoc import MOST_AUDIENCES, start_audience_run, start_dataset_run
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


def orders(*runs: tuple[str, str], flow: str = "f1") -> httpx.Response:
    return httpx.Response(
        200, json={"order": [{"segment": one, "order": flow, "statusURL": f"{RUNS}/{run}"} for one, run in runs]}
    )


def test_audiences_are_asked_for_and_their_runs_named(transport: AdobeTransport, adobe: ScriptedAdobe) -> None:
    adobe.script = [orders(("a", "r1"), ("b", "r2"), ("c", "r1"))]

    assert start_audience_run(transport, "f1", ["a", "b", "c"]) == ["r1", "r2"]
    call = adobe.calls[0]
    assert (call.method, call.url.path) == ("POST", "/data/core/activation/disflowprovider/adhocrun")
    assert call.headers["accept"] == "application/vnd.adobe.adhoc.activation+json; version=2"
    assert json.loads(call.content) == {"activationInfo": {"f1": ["a", "b", "c"]}}


@pytest.mark.parametrize(
    "unnamed",
    [httpx.Response(200, json={}), orders(("a", "r1"), flow="another"), httpx.Response(200, json={"order": [1]})],
)
def test_an_answer_to_audiences_without_runs_names_none(
    transport: AdobeTransport, adobe: ScriptedAdobe, unnamed: httpx.Response
) -> None:
    adobe.script = [unnamed]

    assert start_audience_run(transport, "f1", ["a"]) == []


def test_more_audiences_than_a_call_takes_are_asked_for_in_several(
    transport: AdobeTransport, adobe: ScriptedAdobe
) -> None:
    wanted = [f"a{number}" for number in range(2 * MOST_AUDIENCES + 1)]
    adobe.script = [orders(("a0", "r1")), orders(("a80", "r1")), orders(("a160", "r2"))]

    assert start_audience_run(transport, "f1", wanted) == ["r1", "r2"]
    asked = [json.loads(call.content)["activationInfo"]["f1"] for call in adobe.calls]
    assert [len(some) for some in asked] == [80, 80, 1]
    assert [one for some in asked for one in some] == wanted


@pytest.mark.parametrize(
    ("message", "error", "code"),
    [
        (
            "Run already going on for audience 9f7d37fd for order f1 with run id r-7",
            RunAlreadyGoingError,
            "adobe.run-already-going",
        ),
        (
            "Segments Loyalty gold are not part of this dataflow or out of schedule range!",
            AdobeUserError,
            "adobe.out-of-schedule",
        ),
    ],
)
def test_t80_refusals_of_audiences(
    transport: AdobeTransport, adobe: ScriptedAdobe, message: str, error: type[Exception], code: str
) -> None:
    adobe.script = [httpx.Response(400, json={"message": message})]

    with pytest.raises(error) as caught:
        start_audience_run(transport, "f1", ["9f7d37fd"])

    assert isinstance(caught.value, RunAlreadyGoingError | AdobeUserError)
    assert caught.value.code == code
    assert getattr(caught.value, "run_id", "r-7") == "r-7"


def test_a_refusal_after_runs_were_started_is_not_taken_for_nothing(
    transport: AdobeTransport, adobe: ScriptedAdobe
) -> None:
    refusal = httpx.Response(
        400, json={"message": "Segments x are not part of this dataflow or out of schedule range!"}
    )
    adobe.script = [orders(("a0", "r1")), refusal]

    with pytest.raises(OutcomeUnknownError, match="first 80 audiences"):
        start_audience_run(transport, "f1", [f"a{number}" for number in range(81)])


@pytest.mark.parametrize("start", [start_dataset_run, start_audience_run])
def test_a_yes_that_cannot_be_read_may_have_started_runs(
    transport: AdobeTransport, adobe: ScriptedAdobe, start: Callable[[AdobeTransport, str, list[str]], list[str]]
) -> None:
    adobe.script = [httpx.Response(200, text="<html>Back soon.</html>")]

    with pytest.raises(OutcomeUnknownError, match="may have been started"):
        start(transport, "f1", ["one"])


@pytest.mark.parametrize("url", ["http://[::1", f"{RUNS}/..", f"{RUNS}/", f"{RUNS}/\x1b[2J", "runs"])
def test_a_run_at_no_address_is_not_named(transport: AdobeTransport, adobe: ScriptedAdobe, url: str) -> None:
    adobe.script = [answer({"id": "d1", "statusURL": url, "flowId": "f1"})]

    assert start_dataset_run(transport, "f1", ["d1"]) == []
