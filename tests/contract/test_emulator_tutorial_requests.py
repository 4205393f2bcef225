"""The emulated Adobe accepts every request of the tutorials, as they print it and as our configs make it.

One journey a config, in the tutorial's order: connections, dataflow, and for audiences the activation.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from aep_delivery.adobe.catalogue import load_catalogue
from tests.contract.reader import Reader
from tests.contract.tutorial_requests import (
    AUDIENCES,
    CAMPAIGN_FLOW_SPEC,
    DEVIATIONS,
    Links,
    Printed,
    built,
    load,
    printed_requests,
)

REQUESTS = printed_requests()
JOURNEYS = sorted({(one.tutorial, one.config) for one in REQUESTS})
ELSEWHERE = {
    # Alternatives of authentication share a target and a dataflow, which the tutorial prints once.
    ("adobe-campaign-sftp-ssh-key", "/targetConnections"): "target-adobe-campaign-ftp",
    ("datasets-sftp-ssh-key", "/targetConnections"): "target-sftp",
    ("datasets-sftp-ssh-key", "/flows"): "dataflow-sftp",
}


def found(tutorial: str, config: str, path: str) -> Printed:
    """The request for one step of a config's journey."""
    own = [one for one in REQUESTS if one.tutorial == tutorial and one.path == path]
    # The connection to the profile store is printed for one config and serves all.
    mine = [one for one in own if one.config == config and one.id != "base-profile-store"]
    wanted = ELSEWHERE.get((re.sub(r"(-later)?\.yaml$", "", config), path))
    (chosen,) = [one for one in own if one.id == wanted] or mine or own
    return replace(chosen, config=config)


def printed(request: Printed, links: Links) -> Any:
    """The body as printed, with real ids; the landing zone's alone is repaired."""
    at = Links.printed(request.tutorial)
    repair = DEVIATIONS["landing zone"]
    body = json.dumps(repair.change(request) if repair.concerns(request) else request.body)
    if request.path == "/sourceConnections":
        return json.loads(body.replace(json.dumps(at.profile_store), json.dumps(links.profile_store)))
    for there, real in ((at.base, links.base), (at.source, links.source), (at.target, links.target)):
        body = body.replace(json.dumps(there), json.dumps(real))
    return json.loads(body.replace(CAMPAIGN_FLOW_SPEC, links.flow_spec))


def flow_spec_of(reader: Reader, config: str) -> str:
    """As the tutorial says: from its table, or for Adobe Campaign by name."""
    row = load_catalogue().destination(load(replace(REQUESTS[0], config=config)).destination.type)
    specs = row.flow_specs.audiences
    return specs.id or str(reader.get("/flowSpecs", property=f"name=={specs.name}")[0]["id"])


@pytest.mark.parametrize("make", [printed, built])
@pytest.mark.parametrize(("tutorial", "config"), JOURNEYS)
def test_t24_t25_every_request_is_accepted_in_order(reader: Reader, tutorial: str, config: str, make: Any) -> None:
    links = Links("", "", "", "", flow_spec=flow_spec_of(reader, config))

    def send(path: str, request: Printed | None = None) -> str:
        return reader.post(path, make(request or found(tutorial, config, path), links))

    audiences = tutorial.startswith("batch")
    if audiences:
        (store,) = [one for one in REQUESTS if one.tutorial == tutorial and one.id == "base-profile-store"]
        links = replace(links, profile_store=send("/connections", replace(store, config=config)))
    links = replace(links, source=send("/sourceConnections"))
    links = replace(links, base=send("/connections"))
    links = replace(links, target=send("/targetConnections"))
    flow = send("/flows")
    if not audiences:
        (stored,) = reader.get(f"/flows/{flow}")
        assert stored["scheduleParams"].items() >= {"interval": 3, "timeUnit": "hour", "startTime": 1675901210}.items()
        return

    reader.patch(flow, make(found(tutorial, config, "/flows/{DATAFLOW_ID}"), links))

    (stored,) = reader.get(f"/flows/{flow}")
    assert stored["lastOperation"]["status"] == {"value": "completed", "errors": []}
    params = stored["transformations"][0]["params"]
    assert [selector["value"]["id"] for selector in params["segmentSelectors"]["selectors"]] == [*AUDIENCES]
    assert [selector["value"]["path"] for selector in params["profileSelectors"]["selectors"]] == ["person.lastName"]


def test_no_request_is_left_out() -> None:
    travelled = set()
    for tutorial, config in JOURNEYS:
        for path in ("/sourceConnections", "/connections", "/targetConnections", "/flows"):
            travelled.add((tutorial, found(tutorial, config, path).id))
    unsent = {(one.tutorial, one.id) for one in REQUESTS} - travelled
    assert {name for _, name in unsent} == {"base-profile-store", "activation"}
