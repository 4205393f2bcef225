# ruff: noqa: INP001, T201 - a script, not a package
"""The calls of Adobe's tutorials with httpx: ``python httpx_script.py DELIVERY.json [--look-first]``.

Sets the delivery up, asks for a run, since nobody wants to wait for the schedule to see whether it works, and looks at
the files. One session, one token. Questions are asked again, what changes Adobe is not: an answer that got lost ends
the script, and it is run again. ``--look-first`` looks whether each thing is there before it is made.

Exit code: 0 where the files are whole, 3 where they are not, 1 where the script failed.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import delivered_files
import httpx
import request_bodies as bodies
from notebook import Notebook
from tenacity import retry, retry_if_exception, stop_after_attempt, wait_exponential

SPEED = float(os.environ["ADOBE_SPEED"])
"""How much faster than the sun Adobe's clock runs here; our waits follow it."""
FLOW_SERVICE = "/data/foundation/flowservice"
NOT_READY = "not ready for dataset export"
Item = dict[str, Any]


def _worth_another_try(error: BaseException) -> bool:
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.status_code == 429 or error.response.status_code >= 500
    return isinstance(error, httpx.TransportError)


class Adobe:
    """The calls, with the headers that all of them need."""

    def __init__(self, client: httpx.Client, sandbox: str) -> None:
        self._client = client
        form = {
            "grant_type": "client_credentials",
            "client_id": os.environ["ADOBE_CLIENT_ID"],
            "client_secret": os.environ["ADOBE_CLIENT_SECRET"],
            "scope": os.environ["ADOBE_SCOPES"],
        }
        token = self._client.post("/ims/token/v3", data=form).raise_for_status().json()["access_token"]
        self._client.headers.update(
            {
                "Authorization": f"Bearer {token}",
                "x-api-key": os.environ["ADOBE_CLIENT_ID"],
                "x-gw-ims-org-id": os.environ["ADOBE_ORG"],
                "x-sandbox-name": sandbox,
                "Accept": "application/json",
            }
        )

    @retry(
        retry=retry_if_exception(_worth_another_try),
        stop=stop_after_attempt(4),
        wait=wait_exponential(multiplier=2 / SPEED),
        reraise=True,
    )
    def get(self, path: str, **query: str | int) -> Item:
        answer: Item = self._client.get(path, params=query).raise_for_status().json()
        return answer

    def items(self, kind: str, **query: str | int) -> list[Item]:
        """All items of a list, however many pages it has."""
        query["limit"] = 100
        answer = self.get(f"{FLOW_SERVICE}/{kind}", **query)
        found: list[Item] = answer["items"]
        while following := answer.get("_links", {}).get("next", {}).get("href"):
            token = following.partition("continuationToken=")[2]
            answer = self.get(f"{FLOW_SERVICE}/{kind}", **query, continuationToken=token)
            found += answer["items"]
        return found

    def create(self, kind: str, body: Item) -> str:
        return str(self._client.post(f"{FLOW_SERVICE}/{kind}", json=body).raise_for_status().json()["id"])

    def flow(self, flow: str) -> Item:
        found: Item = self.get(f"{FLOW_SERVICE}/flows/{flow}")["items"][0]
        return found

    def patch(self, flow: Item, operations: list[Item]) -> None:
        url = f"{FLOW_SERVICE}/flows/{flow['id']}"
        self._client.patch(url, json=operations, headers={"If-Match": flow["etag"]}).raise_for_status()

    def export_now(self, media_type: str, body: Item) -> str:
        """Ask for a run until the dataflow is ready for one; its id."""
        for _ in range(15):
            url = "/data/core/activation/disflowprovider/adhocrun"
            answer = self._client.post(url, json=body, headers={"Accept": media_type})
            if answer.is_success or NOT_READY not in answer.text:
                return bodies.run_started(answer.raise_for_status().json())
            time.sleep(60 / SPEED)
        raise TimeoutError("the dataflow is not ready for an export")


def dataset_ids(adobe: Adobe) -> dict[str, str]:
    """All datasets that may be exported: ids by name."""
    query: dict[str, str | int] = {"outputType": "activationDatasets", "outputField": "datasets", "limit": 100}
    url = f"{FLOW_SERVICE}/connectionSpecs/{bodies.DATA_LAKE}/configs"
    known: dict[str, str] = {}
    while True:
        answer = adobe.get(url, **query, start=len(known))
        known |= {item["name"]: item["id"] for item in answer["items"]}
        if not answer["pageInfo"]["hasNext"]:
            return known


def audience_ids(adobe: Adobe) -> dict[str, str]:
    """All audiences, as far as one page shows them: ids by name."""
    return {item["name"]: item["id"] for item in adobe.get("/data/core/ups/audiences", limit=100)["children"]}


class Script:
    """One delivery, step by step. What is done is written down, and not done again."""

    def __init__(self, adobe: Adobe, delivery: Item, notes: Notebook, *, look_first: bool) -> None:
        self._adobe = adobe
        self._delivery = delivery
        self._notes = notes
        self._look_first = look_first

    def run(self) -> list[str]:
        """Deliver; what is wrong with the files."""
        delivery, adobe = self._delivery, self._adobe
        audiences = bodies.exported(delivery) == "audiences"
        known = audience_ids(adobe) if audiences else dataset_ids(adobe)
        chosen = {name: known[name] for name in delivery[bodies.exported(delivery)]}
        if audiences:
            profiles = self._made("connections", bodies.profile_store(delivery))
            source = self._made("sourceConnections", bodies.source_of_profiles(delivery, profiles))
        else:
            source = self._made("sourceConnections", bodies.source_of_datasets(delivery, chosen))
        base = self._made("connections", bodies.base_connection(delivery))
        target = self._made("targetConnections", bodies.target_connection(delivery, base))
        flow = self._made("flows", bodies.dataflow(delivery, source, target))
        if audiences:
            self._notes.known_or("activated", lambda: self._activate(flow, chosen))
        run = self._ended(flow, self._notes.known_or("run", lambda: self._started(flow, list(chosen.values()))))
        if run["metrics"]["statusSummary"]["errors"]:
            return ["Adobe's run failed"]
        return delivered_files.problems(delivery, run)

    def _made(self, kind: str, body: Item) -> str:
        def make() -> str:
            there = self._adobe.items(kind) if self._look_first else []
            ids = [str(item["id"]) for item in there if item["name"] == body["name"]]
            return ids[0] if ids else self._adobe.create(kind, body)

        return self._notes.known_or(body["name"] + kind, make)

    def _activate(self, flow: str, audiences: dict[str, str]) -> str:
        there = self._adobe.flow(flow)
        selected = there["transformations"][0]["params"]["segmentSelectors"]["selectors"]
        # All of it is one patch: once one audience is there, so is the rest.
        if not selected:
            self._adobe.patch(there, bodies.activation(self._delivery, audiences))
        return "yes"

    def _started(self, flow: str, ids: list[str]) -> str:
        runs = self._adobe.items("runs", property=f"flowId=={flow}") if self._look_first else []
        return str(runs[0]["id"]) if runs else self._adobe.export_now(*bodies.ad_hoc(self._delivery, flow, ids))

    def _ended(self, flow: str, run: str) -> Item:
        """The run once it is over."""
        for _ in range(240):
            found = [item for item in self._adobe.items("runs", property=f"flowId=={flow}") if item["id"] == run]
            if found and "completedAtUTC" in found[0].get("metrics", {}).get("durationSummary", {}):
                return found[0]
            time.sleep(30 / SPEED)
        raise TimeoutError("the run has not ended")


def main(path: Path, *, look_first: bool) -> int:
    delivery: Item = json.loads(path.read_text())
    notes = Notebook(path.with_suffix(".ids"))
    with httpx.Client(base_url=os.environ["ADOBE_URL"], timeout=30) as client:
        adobe = Adobe(client, delivery["sandbox"])
        problems = Script(adobe, delivery, notes, look_first=look_first).run()
    print("\n".join(problems) or "whole")
    return 3 if problems else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), look_first="--look-first" in sys.argv))
