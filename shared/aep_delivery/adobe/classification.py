"""Which error an answer of Adobe's becomes: a table, read from the top.

Sources: Adobe: Experience Platform troubleshooting guide (gateway codes), Flow Service error codes, Ad-hoc activation
API, Authenticate and access Experience Platform APIs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from aep_delivery.adobe.errors import (
    Action,
    AdobeError,
    AdobeInternalError,
    AdobeProblem,
    AdobeTransientError,
    AdobeUserError,
    DatasetsNotReadyError,
    EntityNotFoundError,
    EtagMismatchError,
    RunAlreadyGoingError,
)

_PERMISSIONS = (
    "The role of this credential needs, for connecting: View Destinations, Manage Destinations; for exporting datasets:"
    " View Destinations, View Datasets, Manage and Activate Dataset Destinations; for activating audiences: View"
    " Destinations, Activate Destinations, View Profiles, View Segments. Its product profile must include the sandbox."
)
_PROFILE = (
    "Check the organisation id, and that a product profile is assigned to the credential in the Developer Console."
)
_CREDENTIAL = "Check client id and client secret in the Adobe secret: it may have been rotated or revoked."
_DEFECT = "This is a defect of the application, not of the config."
_RUN_ID = re.compile(r"with run id\s+\{?([\w-]+)")


@dataclass(frozen=True)
class Rule:
    """One row: where `status`, `codes` and `says` all hold (None and empty always do), the rest is what to raise."""

    error: type[AdobeError]
    code: str
    action: Action = Action.STOP
    status: range | None = None
    codes: frozenset[str] = field(default_factory=frozenset)
    """Adobe's codes; ``FLOW-1404`` stands for that number with any status."""
    says: str | None = None
    hint: str | None = None

    def holds(self, problem: AdobeProblem) -> bool:
        """Whether this row is about that problem."""
        if self.status is not None and problem.http_status not in self.status:
            return False
        if self.codes and not self.codes & _spellings(problem.code):
            return False
        return self.says is None or self.says.lower() in problem.message.lower()


def _spellings(code: str | None) -> set[str]:
    return {code, code.rpartition("-")[0]} if code else set()


def _flow(*numbers: int) -> frozenset[str]:
    return frozenset(f"FLOW-{number}" for number in numbers)


def _is(status: int) -> range:
    return range(status, status + 1)


TABLE: tuple[Rule, ...] = (
    # The identity service
    Rule(AdobeUserError, "adobe.invalid-credentials", codes=frozenset({"invalid_client"}), hint=_CREDENTIAL),
    Rule(
        AdobeUserError,
        "adobe.invalid-scope",
        codes=frozenset({"invalid_scope"}),
        hint="Copy the scopes that the Developer Console shows for this credential into the Adobe secret.",
    ),
    # The gateway. It answers 403 to a missing token, so the code decides and not the status.
    Rule(
        AdobeUserError,
        "adobe.token-rejected",
        Action.REFRESH_TOKEN,
        codes=frozenset({"401013"}),
        hint="A fresh access token was refused too: check that the credential still has the Experience Platform API.",
    ),
    Rule(AdobeInternalError, "adobe.header-missing", codes=frozenset({"403010", "403000", "400003"}), hint=_DEFECT),
    Rule(AdobeUserError, "adobe.invalid-credentials", codes=frozenset({"403003"}), hint=_CREDENTIAL),
    Rule(AdobeUserError, "adobe.not-in-product-profile", codes=frozenset({"403025", "403027"}), hint=_PROFILE),
    # Flow Service, by its own codes
    Rule(
        EtagMismatchError,
        "adobe.etag-mismatch",
        Action.REREAD,
        codes=_flow(1404),
        hint="Something else changed the entity at the same moment.",
    ),
    Rule(
        AdobeUserError,
        "adobe.sandbox-not-found",
        codes=_flow(2100, 2101, 2103),
        hint="Check the name of the sandbox, and that the credential's product profile includes it.",
    ),
    Rule(AdobeUserError, "adobe.permission-missing", codes=_flow(2118, 2120, 2121), hint=_PERMISSIONS),
    Rule(
        AdobeUserError,
        "adobe.not-entitled",
        codes=_flow(1100),
        hint="The organisation's licence does not cover this destination or export.",
    ),
    Rule(EntityNotFoundError, "adobe.entity-not-found", codes=_flow(1101, 1430, 1439)),
    Rule(
        AdobeUserError,
        "adobe.connection-in-use",
        codes=_flow(1418, 1447),
        hint="Remove the dataflows first, then target and source connection, the base connection last.",
    ),
    Rule(AdobeTransientError, "adobe.update-in-progress", Action.WAIT, codes=_flow(1420, 1421, 1422)),
    Rule(AdobeTransientError, "adobe.being-deleted", Action.WAIT, codes=_flow(1457, 1458)),
    Rule(AdobeUserError, "adobe.organisation-refused", codes=_flow(2001, 2002), hint=_PROFILE),
    Rule(
        AdobeInternalError,
        "adobe.catalogue-outdated",
        codes=_flow(1413, 1415),
        hint="Adobe no longer knows a specification the destination catalogue names; the catalogue has to be updated.",
    ),
    Rule(
        AdobeInternalError,
        "adobe.request-malformed",
        codes=_flow(
            1401,
            1403,
            1405,
            1410,
            1414,
            1427,
            1432,
            1433,
            1434,
            1440,
            1443,
            1448,
            1450,
            1451,
            1452,
            1453,
            1455,
            2105,
            2110,
        ),
        hint=_DEFECT,
    ),
    # Ad-hoc activation, which knows no codes
    Rule(
        RunAlreadyGoingError,
        "adobe.run-already-going",
        Action.WAIT,
        says="run already going on",
        hint="An ad-hoc run can't start beside another run of the same dataflow, or of the same audience.",
    ),
    Rule(
        AdobeUserError,
        "adobe.out-of-schedule",
        says="out of schedule range",
        hint="A schedule has ended or not begun, or an audience is not on the dataflow. One that is new there can be"
        " exported by hand an hour later.",
    ),
    Rule(
        DatasetsNotReadyError,
        "adobe.datasets-not-ready",
        Action.WAIT,
        says="not ready for dataset export",
        hint="A new dataflow takes five to ten minutes until it can be run by hand.",
    ),
    # Whatever is left, by status
    Rule(AdobeTransientError, "adobe.throttled", Action.REPEAT, status=_is(429)),
    Rule(EtagMismatchError, "adobe.etag-mismatch", Action.REREAD, status=_is(412)),
    Rule(AdobeUserError, "adobe.token-rejected", Action.REFRESH_TOKEN, status=_is(401), hint=_CREDENTIAL),
    Rule(AdobeUserError, "adobe.permission-missing", status=_is(403), hint=_PERMISSIONS),
    Rule(EntityNotFoundError, "adobe.entity-not-found", status=_is(404)),
    Rule(AdobeTransientError, "adobe.unavailable", Action.REPEAT_IF_SAFE, status=_is(408)),
    Rule(AdobeInternalError, "adobe.request-malformed", status=range(405, 407), hint=_DEFECT),
    Rule(AdobeInternalError, "adobe.request-malformed", status=_is(415), hint=_DEFECT),
    Rule(
        AdobeUserError,
        "adobe.request-refused",
        status=range(400, 500),
        hint="Adobe's own words say which value it does not accept.",
    ),
    Rule(AdobeTransientError, "adobe.unavailable", Action.REPEAT_IF_SAFE, status=range(500, 600)),
    Rule(
        AdobeInternalError,
        "adobe.unexpected-answer",
        hint="Redirects are never followed: check the addresses of Adobe's hosts.",
    ),
)


def error_for(problem: AdobeProblem, *, place: str, retry_after_seconds: float | None = None) -> AdobeError:
    """The exception for a failed call.

    Args:
        problem: What Adobe said.
        place: The call, ``POST /connections``.
        retry_after_seconds: What the answer's Retry-After asks for.

    Returns:
        The error, not raised; its ``action`` says what a caller may try.
    """
    rule = next(rule for rule in TABLE if rule.holds(problem))
    message = f"Adobe says: {problem}"
    if issubclass(rule.error, AdobeTransientError):
        error = rule.error(
            message,
            code=rule.code,
            problem=problem,
            action=rule.action,
            hint=rule.hint,
            place=place,
            retry_after_seconds=retry_after_seconds,
        )
        if isinstance(error, RunAlreadyGoingError) and (named := _RUN_ID.search(problem.message)):
            error.run_id = named[1]
        return error
    return rule.error(message, code=rule.code, problem=problem, action=rule.action, hint=rule.hint, place=place)
