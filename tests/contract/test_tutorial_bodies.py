"""Every body that Adobe's tutorials print for a POST or a PATCH is made from a config, to the byte.

Where ours differs, ``DEVIATIONS`` says so, with the reason; nothing else may differ, down to the order of the members.
"""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from aep_delivery.applying.requests import new_dataflow
from aep_delivery.config.load import load_config_files
from tests.contract.tutorial_requests import (
    CONFIGS,
    DEVIATIONS,
    HERE,
    HOST_KEY,
    Printed,
    built,
    declaration,
    deviations_of,
    expected,
    load,
    printed_requests,
)

REQUESTS = printed_requests()
FIRST_TARGETS = [one for one in REQUESTS if one.path == "/targetConnections" and one.tutorial.startswith("batch")]
DATASET_FLOWS = [one for one in REQUESTS if one.path == "/flows" and one.tutorial == "datasets-later"]
FLOW_SPECS = {
    "amazon-s3-first-generation": "71471eba-b620-49e4-90fd-23f1fa0174d8",
    "azure-blob-first-generation": "71471eba-b620-49e4-90fd-23f1fa0174d8",
    "sftp-first-generation": "71471eba-b620-49e4-90fd-23f1fa0174d8",
    "oracle-eloqua": "71471eba-b620-49e4-90fd-23f1fa0174d8",
    "oracle-responsys": "51d675ce-e270-408d-91fc-22717bdf2148",
    "salesforce-marketing-cloud": "493b2bd6-26e4-4167-ab3b-5e910bba44f0",
}
"""The tutorial's table. Adobe Campaign is not in it: its flow specification is found by name."""


def test_every_request_of_five_editions_is_here() -> None:
    files = [json.loads(path.read_text(encoding="utf-8")) for path in sorted((HERE / "tutorial").glob("*.json"))]

    assert sum(len(file["requests"]) * len(file["editions"]) for file in files) == 2 * 29 + 3 * 20
    assert sum(len(file["editions"]) for file in files) == 5


@pytest.mark.parametrize("request_", REQUESTS, ids=str)
def test_t24_t25_a_config_makes_the_body(request_: Printed) -> None:
    assert json.dumps(built(request_)) == json.dumps(expected(request_))


@pytest.mark.parametrize("request_", REQUESTS, ids=str)
def test_a_deviation_is_needed_where_it_is_made(request_: Printed) -> None:
    for name in deviations_of(request_):
        deviation = DEVIATIONS[name]
        assert deviation.reason
        assert json.dumps(deviation.change(request_)) != json.dumps(request_.body), name


def test_every_deviation_concerns_something() -> None:
    assert {name for request in REQUESTS for name in deviations_of(request)} == set(DEVIATIONS)


def test_every_config_makes_something() -> None:
    assert {request.config for request in REQUESTS} == {path.name for path in CONFIGS.glob("*.yaml")}


@pytest.mark.parametrize("request_", FIRST_TARGETS, ids=str)
def test_t24_all_destinations_have_the_dataflow_that_is_printed_for_one(request_: Printed) -> None:
    (sample,) = [one for one in REQUESTS if one.tutorial == request_.tutorial and one.path == "/flows"]
    wanted = json.loads(json.dumps(sample.body))
    kind = load(request_).destination.type
    wanted["flowSpec"]["id"] = FLOW_SPECS.get(kind, wanted["flowSpec"]["id"])

    body = built(replace(sample, config=request_.config))

    assert [*body] == [*wanted]
    for member in wanted.keys() - {"name", "description"}:
        assert json.dumps(body[member]) == json.dumps(wanted[member])


@pytest.mark.parametrize(
    ("interval", "unit", "mode"),
    [
        (3, "hour", "FIRST_FULL_THEN_INCREMENTAL"),
        (6, "hour", "FIRST_FULL_THEN_INCREMENTAL"),
        (9, "hour", "FIRST_FULL_THEN_INCREMENTAL"),
        (12, "hour", "FIRST_FULL_THEN_INCREMENTAL"),
        (1, "day", "FIRST_FULL_THEN_INCREMENTAL"),
        # Of later editions: a single full export.
        (0, "day", "DAILY_FULL_EXPORT"),
    ],
)
@pytest.mark.parametrize("request_", DATASET_FLOWS, ids=lambda one: one.id)
def test_t25_every_schedule_of_a_dataset_dataflow(request_: Printed, interval: int, unit: str, mode: str) -> None:
    overlay = f"scheduleParams: {{exportMode: {mode}, interval: {interval}, timeUnit: {unit}}}\n"
    files = {"wanted.yaml": f"extends: {request_.config}\n{overlay}".encode()}

    config = load_config_files("wanted.yaml", lambda name: files.get(name) or (CONFIGS / name).read_bytes())[1]

    body = new_dataflow(declaration(config).dataflow("source", "target").body).body()
    printed = {**request_.body["scheduleParams"], "interval": interval, "timeUnit": unit}
    assert json.dumps(body["scheduleParams"]) == json.dumps({"exportMode": mode, **printed, "endTime": 1691453210})


def test_what_reads_back_is_never_sent() -> None:
    assert not [str(request) for request in REQUESTS if HOST_KEY in json.dumps(built(request))]
