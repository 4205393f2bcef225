"""How a workflow ends that met a fault, by the fault and by what was called: all cells of the matrix in one table."""

from __future__ import annotations

from tests.proof.adobe_faults import Fault

RECOVERED = "recovered"
REFUSED = "UserError adobe.request-refused"
NOT_FOUND = "UserError adobe.entity-not-found"
NO_PERMISSION = "UserError adobe.permission-missing"

TABLE: dict[str, dict[str, str]] = {
    # kind of fault: {kind of call: end}; "*" is any other call.
    "never-sent": {"*": RECOVERED},
    "lost": {"*": RECOVERED},
    "expired": {"*": RECOVERED},
    "throttled": {"*": RECOVERED},
    "5xx": {"*": RECOVERED},
    "harmless": {"*": RECOVERED},
    "killed": {"*": RECOVERED},
    "412": {"*": RECOVERED},
    "401": {"token": "UserError adobe.invalid-credentials", "*": "UserError adobe.token-rejected"},
    "403": {"*": NO_PERMISSION},
    "409": {"*": REFUSED},
    "422": {"*": REFUSED},
    # Reads lag behind writes: of one entity it is looked for again. A specification that is not there has moved.
    "404": {
        "token": "InternalError adobe.unexpected-answer",
        "look": RECOVERED,
        "delete": RECOVERED,
        "switch": RECOVERED,
        "specification": "InternalError catalogue.moved",
        "columns": "UserError plan.stale",
        "*": NOT_FOUND,
    },
    # What is asked is asked again; a creation is looked for; what a change, a deletion or a switch answers is not read.
    "unreadable": {"*": RECOVERED},
}


def kind_of_call(operation: str) -> str:
    """What it is for: ``token``, ``look`` (at one entity), ``specification``, ``columns`` (a mapping set), ``read``
    (any other), ``create``, ``prepare`` (a mapping set), ``run``, ``change``, ``switch``, ``delete``."""
    method, _, path = operation.partition(" ")
    if "/ims/" in path:
        return "token"
    if method != "GET":
        ends = {"adhocrun": "run", "action": "switch", "schemas": "prepare", "mappingSets": "prepare"}
        return {"PATCH": "change", "DELETE": "delete"}.get(method) or ends.get(path.rpartition("/")[2], "create")
    if not path.endswith("/{id}"):
        return "read"
    ends = {"flowSpecs": "specification", "connectionSpecs": "specification", "mappingSets": "columns"}
    return ends.get(path.split("/")[-2], "look")


def expected_end(operation: str, nth: int, fault: Fault, *, applied: bool) -> str:
    """What the workflow must end with; `applied` says whether the delivery was there before."""
    kind = kind_of_call(operation)
    if kind == "columns" and not applied:
        # Made a moment ago: it is looked for again.
        kind = "look"
    if kind == "specification" and nth > 1:
        # The plan has seen it; this is for the columns.
        kind = "read"
    row = TABLE[fault.kind]
    return row.get(kind, row["*"])
