"""Ad-hoc runs: export the datasets or the audiences of a dataflow now.

Adobe documents the endpoint for audiences (Ad-hoc activation API); the form for datasets is that of Adobe's own
Python client, aepp. A new dataflow is not ready for it for some minutes, a new audience for an hour.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from pydantic import JsonValue

from aep_delivery.adobe.answers import json_object
from aep_delivery.adobe.endpoints import ADHOC_RUN
from aep_delivery.adobe.errors import AdobeInternalError, AdobeTransientError, AdobeUserError, OutcomeUnknownError
from aep_delivery.adobe.transport import AdobeTransport

if TYPE_CHECKING:
    import httpx

_DATASETS = "application/vnd.adobe.adhoc.dataset.activation+json; version=1"
_AUDIENCES = "application/vnd.adobe.adhoc.activation+json; version=2"
_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z_.-]{0,254}")
MOST_AUDIENCES = 80
"""In one call."""


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
    response = transport.request("POST", ADHOC_RUN, json=body, headers={"Accept": _DATASETS})
    return list(dict.fromkeys(_run_ids(_object(response), flow_id)))


def start_audience_run(transport: AdobeTransport, flow_id: str, audience_ids: Sequence[str]) -> list[str]:
    """Ask for runs of audiences of a dataflow; Adobe makes one for each merge policy, from its daily snapshot.

    More audiences than fit into one call are asked for in several.

    Args:
        transport: The way to Adobe.
        flow_id: The dataflow.
        audience_ids: Which of its audiences to export.

    Returns:
        The ids of the runs Adobe names, each once; empty where it names none.

    Raises:
        RunAlreadyGoingError: One of the audiences is being exported; ``run_id`` says by which run.
        AdobeUserError: ``adobe.out-of-schedule``: an audience is not on the dataflow, is new there, or its schedule
            has ended; or another refusal.
        OutcomeUnknownError: The answer was lost, or a later one of several calls failed: look at the runs.
    """
    found: list[str] = []
    for first in range(0, len(audience_ids), MOST_AUDIENCES):
        some: list[JsonValue] = list(audience_ids[first : first + MOST_AUDIENCES])
        body: JsonValue = {"activationInfo": {flow_id: some}}
        try:
            response = transport.request("POST", ADHOC_RUN, json=body, headers={"Accept": _AUDIENCES})
        except (AdobeUserError, AdobeTransientError) as error:
            if first:
                # Runs of the audiences before are under way: nobody may take this for "nothing has happened".
                raise OutcomeUnknownError(
                    f"Adobe has started runs of the first {first} audiences and then refused: {error}",
                    problem=error.problem,
                    place=f"POST {ADHOC_RUN}",
                ) from error
            raise
        found += _ordered(_object(response), flow_id)
    return list(dict.fromkeys(found))


def _object(response: httpx.Response) -> JsonValue:
    """What Adobe said yes with: where that cannot be read, a run may be under way all the same."""
    try:
        return json_object(response, place=f"POST {ADHOC_RUN}")
    except AdobeInternalError as error:
        raise OutcomeUnknownError(
            f"{error.message} Runs may have been started.", problem=error.problem, place=error.place
        ) from None


def _ordered(body: JsonValue, flow_id: str) -> Iterator[str]:
    for order in _members(body, "order"):
        url = order.get("statusURL")
        if order.get("order", flow_id) == flow_id and isinstance(url, str) and (run_id := _last_segment(url)):
            yield run_id


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
    collection, _, run_id = url.partition("?")[0].rstrip("/").rpartition("/")
    return run_id if _ID.fullmatch(run_id) and collection.endswith("/runs") else None
