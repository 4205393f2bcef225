# ruff: noqa: INP001 - scripts, not a package
"""The bodies of Adobe's tutorials for Amazon S3, with values put in.

Of datasets: "Export datasets by using the Flow Service API". Of audiences: "Connect to batch destinations and activate
data using the Flow Service API".
"""

from __future__ import annotations

import os
from typing import Any

Body = dict[str, Any]
DATA_LAKE = "23598e46-f560-407b-88d5-ea6207e49db0"
PROFILE_STORE = "8a9c3494-9708-43d7-ae3f-cda01e5030e1"
BUCKETS = {"datasets": "4fce964d-3f37-408f-9778-e597338a21ee", "audiences": "4890fc95-5a1f-4983-94bb-e060c08e3f81"}
FLOWS = {"datasets": "269ba276-16fc-47db-92b0-c1049a3c131f", "audiences": "71471eba-b620-49e4-90fd-23f1fa0174d8"}


def exported(delivery: Body) -> str:
    """What a delivery is of."""
    return "audiences" if "audiences" in delivery else "datasets"


def base_connection(delivery: Body) -> Body:
    """The access to the bucket. Its key is in the environment."""
    key = {"s3AccessKey": os.environ["S3_ACCESS_KEY"], "s3SecretKey": os.environ["S3_SECRET_KEY"]}
    return {
        "name": f"{delivery['name']}: bucket",
        "auth": {"specName": "Access Key", "params": key},
        "connectionSpec": _spec(BUCKETS[exported(delivery)]),
    }


def profile_store(delivery: Body) -> Body:
    """The access to the profiles, for audiences."""
    return {"name": f"{delivery['name']}: profile store", "connectionSpec": _spec(PROFILE_STORE)}


def source_of_profiles(delivery: Body, profiles: str) -> Body:
    """The profiles; which audiences of them is the dataflow's matter."""
    return {
        "name": f"{delivery['name']}: profiles",
        "connectionSpec": _spec(PROFILE_STORE),
        "baseConnectionId": profiles,
        "data": {"format": "CSV", "schema": None},
        "params": {},
    }


def source_of_datasets(delivery: Body, datasets: dict[str, str]) -> Body:
    """The datasets: ids by name."""
    return {
        "name": f"{delivery['name']}: datasets",
        "connectionSpec": _spec(DATA_LAKE),
        "params": {"datasets": [{"dataSetId": id_, "name": name} for name, id_ in datasets.items()]},
    }


def target_connection(delivery: Body, base: str) -> Body:
    """Where in the bucket the files arrive, and in which format."""
    body: Body = {
        "name": f"{delivery['name']}: files",
        "baseConnectionId": base,
        "connectionSpec": _spec(BUCKETS[exported(delivery)]),
        "params": {"bucketName": delivery["bucketName"], "path": delivery["path"]},
    }
    if exported(delivery) == "audiences":
        body["data"] = {"format": "json", "schema": {"id": "1.0", "version": "1.0"}}
        body["params"] |= {"mode": "S3", "format": "CSV"}
    else:
        form = {"datasetFileType": delivery["fileType"], "compression": delivery["compression"]}
        body["params"] |= {"mode": "Server-to-server", **form}
    return body


def dataflow(delivery: Body, source: str, target: str) -> Body:
    """The dataflow; audiences are put on it afterwards."""
    body: Body = {
        "name": delivery["name"],
        "flowSpec": _spec(FLOWS[exported(delivery)]),
        "sourceConnectionIds": [source],
        "targetConnectionIds": [target],
        "transformations": [],
    }
    if exported(delivery) == "audiences":
        empty: Body = {"segmentSelectors": {"selectors": []}, "profileSelectors": {"selectors": []}}
        body["transformations"] = [{"name": "GeneralTransform", "params": empty}]
    else:
        body["scheduleParams"] = delivery["scheduleParams"]
    return body


def activation(delivery: Body, audiences: dict[str, str]) -> list[Body]:
    """The patch that puts audiences, ids by name, and attributes on a dataflow."""
    schedule = {"triggerType": "SCHEDULED", **delivery["schedule"]}
    parameters = {"exportMode": delivery["exportMode"], "schedule": schedule}
    chosen = [{"id": id_, "name": name, **parameters} for name, id_ in audiences.items()]
    patch = [_added("segmentSelectors", "PLATFORM_SEGMENT", value) for value in chosen]
    return patch + [_added("profileSelectors", "JSON_PATH", {"path": path}) for path in delivery["attributes"]]


def ad_hoc(delivery: Body, flow: str, ids: list[str]) -> tuple[str, Body]:
    """The media type and the body that ask for a run now."""
    if exported(delivery) == "audiences":
        return "application/vnd.adobe.adhoc.activation+json; version=2", {"activationInfo": {flow: ids}}
    asked = {"flowId": flow, "datasets": [{"id": id_} for id_ in ids]}
    return (
        "application/vnd.adobe.adhoc.dataset.activation+json; version=1",
        {"activationInfo": {"destinations": [asked]}},
    )


def run_started(answer: Body) -> str:
    """The id of the run that an answer to it names."""
    orders = answer["order"] if "order" in answer else answer["destinations"][0]["datasets"]
    return str(orders[0]["statusURL"]).rpartition("/")[2]


def _spec(id_: str) -> Body:
    return {"id": id_, "version": "1.0"}


def _added(selectors: str, kind: str, value: Body) -> Body:
    path = f"/transformations/0/params/{selectors}/selectors/-"
    return {"op": "add", "path": path, "value": {"type": kind, "value": value}}
