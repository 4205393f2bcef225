# ruff: noqa: INP001, T201 - a script, not a package
"""The same delivery with aepp, Adobe's community client: ``python aepp_script.py DELIVERY.json``.

aepp's retries are as it has them by default: one, of every call. It answers errors as dictionaries, so each answer is
looked at. What was created is written down; after a failure the script is run again.

Exit code: 0 where the files are whole, 3 where they are not, 1 where the script failed.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import aepp
import delivered_files
import request_bodies as bodies
from aepp.destinationinstanceservice import DestinationInstanceService
from aepp.flowservice import FlowService
from notebook import Notebook

SPEED = float(os.environ["ADOBE_SPEED"])
"""How much faster than the sun Adobe's clock runs here; our waits follow it."""
NOT_READY = "not ready for dataset export"
Item = dict[str, Any]


def connect(sandbox: str) -> None:
    """Configure aepp, and point it at the emulated Adobe."""
    aepp.configure(
        org_id=os.environ["ADOBE_ORG"],
        client_id=os.environ["ADOBE_CLIENT_ID"],
        secret=os.environ["ADOBE_CLIENT_SECRET"],
        scopes=os.environ["ADOBE_SCOPES"],
        sandbox=sandbox,
    )
    aepp.config.endpoints["global"] = os.environ["ADOBE_URL"]
    aepp.config.config_object["oauthTokenEndpointV2"] = f"{os.environ['ADOBE_URL']}/ims/token/v3"


def id_of(answer: Item) -> str:
    if "id" not in answer:
        raise RuntimeError(f"Adobe refuses: {answer}")
    return str(answer["id"])


def audience_ids(adobe: FlowService) -> dict[str, str]:
    """All audiences, as far as one page shows them: ids by name. aepp's own call is in a module that needs pandas."""
    answer = adobe.getResource(f"{os.environ['ADOBE_URL']}/data/core/ups/audiences", params={"limit": 100})
    return {item["name"]: item["id"] for item in answer["children"]}


def activate(adobe: FlowService, flow: str, patch: list[Item]) -> str:
    """Put audiences on a dataflow. aepp answers an accepted change with an empty dictionary, or with its id."""
    there = adobe.getFlow(flow)
    if there["transformations"][0]["params"]["segmentSelectors"]["selectors"]:
        # All of it is one patch: once one audience is there, so is the rest.
        return "yes"
    answer = adobe.updateFlow(flow, there["etag"], patch)
    if answer and "id" not in answer:
        raise RuntimeError(f"Adobe refuses: {answer}")
    return "yes"


def export_now(media_type: str, body: Item) -> str:
    """Ask for a run until the dataflow is ready for one; its id. aepp has this call for datasets alone."""
    service = DestinationInstanceService()
    for _ in range(15):
        headers = {**service.header, "Accept": media_type}
        answer = service.connector.postData(f"{service.endpoint}/adhocrun", data=body, headers=headers)
        if "destinations" in answer or "order" in answer:
            return bodies.run_started(answer)
        if NOT_READY not in str(answer):
            raise RuntimeError(f"Adobe refuses: {answer}")
        time.sleep(60 / SPEED)
    raise TimeoutError("the dataflow is not ready for an export")


def ended(adobe: FlowService, flow: str, run: str) -> Item:
    """The run once it is over."""
    for _ in range(240):
        found: list[Item] = [item for item in adobe.getRuns(prop=f"flowId=={flow}") if item["id"] == run]
        if found and "completedAtUTC" in found[0].get("metrics", {}).get("durationSummary", {}):
            return found[0]
        time.sleep(30 / SPEED)
    raise TimeoutError("the run has not ended")


def deliver(delivery: Item, done: Notebook) -> list[str]:
    """Deliver, step by step; what is wrong with the files. What is done is written down, and not done again."""
    connect(delivery["sandbox"])
    adobe = FlowService()
    audiences = bodies.exported(delivery) == "audiences"
    if audiences:
        known = audience_ids(adobe)
    else:
        known = {item["name"]: item["id"] for item in adobe.getExportableDatasets(bodies.DATA_LAKE)}
    chosen = {name: known[name] for name in delivery[bodies.exported(delivery)]}
    if audiences:
        profiles = done.known_or("profiles", lambda: id_of(adobe.createConnection(bodies.profile_store(delivery))))
        source_body = bodies.source_of_profiles(delivery, profiles)
    else:
        source_body = bodies.source_of_datasets(delivery, chosen)
    source = done.known_or("source", lambda: id_of(adobe.createSourceConnection(source_body)))
    base = done.known_or("base", lambda: id_of(adobe.createConnection(bodies.base_connection(delivery))))
    target_body = bodies.target_connection(delivery, base)
    target = done.known_or("target", lambda: id_of(adobe.createTargetConnection(data=target_body)))
    flow_body = bodies.dataflow(delivery, source, target)
    flow = done.known_or("flow", lambda: id_of(adobe.createFlow(flow_body["flowSpec"]["id"], obj=flow_body)))
    if audiences:
        done.known_or("activated", lambda: activate(adobe, flow, bodies.activation(delivery, chosen)))
    asked = bodies.ad_hoc(delivery, flow, list(chosen.values()))
    run = ended(adobe, flow, done.known_or("run", lambda: export_now(*asked)))
    if run["metrics"]["statusSummary"]["errors"]:
        return ["Adobe's run failed"]
    return delivered_files.problems(delivery, run)


def main(path: Path) -> int:
    problems = deliver(json.loads(path.read_text()), Notebook(path.with_suffix(".ids")))
    print("\n".join(problems) or "whole")
    return 3 if problems else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
