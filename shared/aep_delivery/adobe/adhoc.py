"""Ad-hoc runs: export the datasets of a dataflow now.

Adobe documents the endpoint for audiences (Ad-hoc activation API); the form for datasets is that of Adobe's own
Python client, aepp. A new dataflow is not ready for it for some minutes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from pydantic import JsonValue

from aep_delivery.adobe.answers import json_object
from aep_delivery.adobe.endpoints import ADHOC_RUN
from aep_delivery.adobe.transport import AdobeTransport

_ACCEPT = "application/vnd.adobe.adhoc.dataset.activation+json; version=1"


def start_dataset_run(transport: AdobeTransport, flow_id: str, dataset_ids: Sequence[str]) -> list[str]:
    """Ask for a run of a dataflow.

    Args:
        transport: The way to Adobe.
        flow_id: The dataflow.
        dataset_ids: Which of its datasets to export.

    Returns:
        The ids of the runs Adobe names, each once; empty where it names none.

    Raises:
        DatasetsNotReadyError: The dataflow is too young.
        RunAlreadyGoingError: A run is under way; ``run_id`` says which.
        AdobeUserError: ``adobe.out-of-schedule``, or another refusal.
        OutcomeUnknownError: The answer was lost: look at the runs of the dataflow.
    """
    datasets: list[JsonValue] = [{"id": dataset_id} for dataset_id in dataset_ids]
    body: JsonValue = {"activationInfo": {"destinations": [{"flowId": flow_id, "datasets": datasets}]}}
    response = transport.request("POST", ADHOC_RUN, json=body, headers={"Accept": _ACCEPT})
    return list(dict.fromkeys(_run_ids(json_object(response, place=f"POST {ADHOC_RUN}"), flow_id)))


def _run_ids(body: JsonValue, flow_id: str) -> Iterator[str]:
    for destination in _members(body, "destinations"):
        for dataset in _members(destination, "datasets"):
            url = dataset.get("statusURL")
            if dataset.get("flowId", flow_id) == flow_id and isinstance(url, str) and (run_id := _last_segment(url)):
                yield run_id


def _members(value: JsonValue, name: str) -> list[dict[str, JsonValue]]:
    members = value.get(name) if isinstance(value, dict) else None
    return [member for member in members if isinstance(member, dict)] if isinstance(members, list) else []


def _last_segment(url: str) -> str | None:
    """The run's id out of ``https://…/flowservice/runs/<id>``."""
    collection, _, run_id = urlsplit(url).path.rstrip("/").rpartition("/")
    return run_id if run_id and collection.endswith("/runs") else None
