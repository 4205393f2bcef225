from __future__ import annotations

import pytest

from aep_delivery.adobe import classification
from aep_delivery.adobe.classification import TABLE, Rule, error_for
from aep_delivery.adobe.errors import (
    Action,
    AdobeInternalError,
    AdobeProblem,
    AdobeTransientError,
    AdobeUserError,
    DatasetsNotReadyError,
    EntityNotFoundError,
    EtagMismatchError,
    RunAlreadyGoingError,
)
from aep_delivery.runtime.errors import FAMILIES


def problem(status: int | None, code: str | None = None, message: str = "words") -> AdobeProblem:
    return AdobeProblem(shape="H", http_status=status, code=code, message=message)


@pytest.mark.parametrize(
    ("status", "code", "error", "our_code", "action"),
    [
        (401, "401013", AdobeUserError, "adobe.token-rejected", Action.REFRESH_TOKEN),
        (401, None, AdobeUserError, "adobe.token-rejected", Action.REFRESH_TOKEN),
        (403, "403010", AdobeInternalError, "adobe.header-missing", Action.STOP),
        (403, "403000", AdobeInternalError, "adobe.header-missing", Action.STOP),
        (400, "400003", AdobeInternalError, "adobe.header-missing", Action.STOP),
        (403, "403003", AdobeUserError, "adobe.invalid-credentials", Action.STOP),
        (403, "403025", AdobeUserError, "adobe.not-in-product-profile", Action.STOP),
        (403, "403027", AdobeUserError, "adobe.not-in-product-profile", Action.STOP),
        (403, "FLOW-2118-403", AdobeUserError, "adobe.permission-missing", Action.STOP),
        (403, "FLOW-2120-403", AdobeUserError, "adobe.permission-missing", Action.STOP),
        (403, None, AdobeUserError, "adobe.permission-missing", Action.STOP),
        (400, "FLOW-1100-400", AdobeUserError, "adobe.not-entitled", Action.STOP),
        (404, "FLOW-1101-404", EntityNotFoundError, "adobe.entity-not-found", Action.STOP),
        (400, "FLOW-1430-400", EntityNotFoundError, "adobe.entity-not-found", Action.STOP),
        (400, "FLOW-1439-400", EntityNotFoundError, "adobe.entity-not-found", Action.STOP),
        (404, None, EntityNotFoundError, "adobe.entity-not-found", Action.STOP),
        (404, "FLOW-2100-404", AdobeUserError, "adobe.sandbox-not-found", Action.STOP),
        (412, "FLOW-1404-412", EtagMismatchError, "adobe.etag-mismatch", Action.REREAD),
        (412, None, EtagMismatchError, "adobe.etag-mismatch", Action.REREAD),
        (400, "FLOW-1403-400", AdobeInternalError, "adobe.request-malformed", Action.STOP),
        (400, "FLOW-2105-400", AdobeInternalError, "adobe.request-malformed", Action.STOP),
        (400, "FLOW-1413-400", AdobeInternalError, "adobe.catalogue-outdated", Action.STOP),
        (400, "FLOW-1418-400", AdobeUserError, "adobe.connection-in-use", Action.STOP),
        (400, "FLOW-1420-400", AdobeTransientError, "adobe.update-in-progress", Action.WAIT),
        (400, "FLOW-1457-400", AdobeTransientError, "adobe.being-deleted", Action.WAIT),
        (400, None, AdobeUserError, "adobe.request-refused", Action.STOP),
        (422, None, AdobeUserError, "adobe.request-refused", Action.STOP),
        (415, None, AdobeInternalError, "adobe.request-malformed", Action.STOP),
        (429, None, AdobeTransientError, "adobe.throttled", Action.REPEAT),
        (500, "FLOW-1400-500", AdobeTransientError, "adobe.unavailable", Action.REPEAT_IF_SAFE),
        (503, "FLOW-1103-503", AdobeTransientError, "adobe.unavailable", Action.REPEAT_IF_SAFE),
        (504, None, AdobeTransientError, "adobe.unavailable", Action.REPEAT_IF_SAFE),
        (302, None, AdobeInternalError, "adobe.unexpected-answer", Action.STOP),
        (None, None, AdobeInternalError, "adobe.unexpected-answer", Action.STOP),
        (400, "invalid_client", AdobeUserError, "adobe.invalid-credentials", Action.STOP),
        (400, "invalid_scope", AdobeUserError, "adobe.invalid-scope", Action.STOP),
    ],
)
def test_status_and_code_decide(
    status: int | None, code: str | None, error: type[Exception], our_code: str, action: Action
) -> None:
    classified = error_for(problem(status, code), place="GET /flows/x")

    assert type(classified) is error
    assert (classified.code, classified.action) == (our_code, action)
    assert classified.problem.code == code
    assert classified.place == "GET /flows/x"


def test_t12_an_etag_mismatch_is_told_from_other_412s_by_its_code() -> None:
    assert isinstance(error_for(problem(400, "FLOW-1404-412"), place="PATCH /flows/x"), EtagMismatchError)


def test_a_missing_permission_names_the_permissions() -> None:
    hint = error_for(problem(403, "FLOW-2118-403"), place="POST /flows").hint or ""

    for permission in ("View Destinations", "Manage Destinations", "View Datasets", "Manage and Activate Dataset"):
        assert permission in hint


def test_t80_a_run_already_going_names_the_run() -> None:
    said = "Run already going on for audience s1 for order f1 with run id 4b7728dd-83c9"

    error = error_for(problem(400, message=said), place="POST /adhocrun")

    assert isinstance(error, RunAlreadyGoingError)
    assert error.run_id == "4b7728dd-83c9"
    assert error.action is Action.WAIT


def test_t80_a_run_already_going_may_name_no_run() -> None:
    error = error_for(problem(400, message="Run already going on for dataset d1"), place="POST /adhocrun")

    assert isinstance(error, RunAlreadyGoingError)
    assert error.run_id is None


def test_t80_out_of_schedule_is_permanent_and_not_ready_is_not() -> None:
    out = error_for(
        problem(400, message="Segments s are not part of this dataflow or out of schedule range!"), place="x"
    )
    early = error_for(problem(400, message="Following order ID(s) are not ready for dataset export"), place="x")

    assert out.code == "adobe.out-of-schedule"
    assert out.family == "UserError"
    assert isinstance(early, DatasetsNotReadyError)


def test_every_status_finds_a_row() -> None:
    for status in [*range(100, 600), None]:
        assert error_for(problem(status), place="GET /x").family in FAMILIES


def test_no_row_hides_behind_an_earlier_one() -> None:
    for row in TABLE:
        code = (
            f"{next(iter(row.codes))}-499" if any("FLOW" in code for code in row.codes) else next(iter(row.codes), None)
        )
        status = row.status[0] if row.status is not None else None
        sample = problem(status, code, message=row.says or "words")

        assert next(rule for rule in TABLE if rule.holds(sample)) is row or row.code == "adobe.request-refused"


def test_retry_after_reaches_the_workflow() -> None:
    error = error_for(problem(429), place="GET /flows", retry_after_seconds=90.0)

    assert error.document().retry_after_seconds == 90.0


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.code}-{row.status or ''}")
def test_without_a_row_some_answer_would_mean_something_else(row: Rule, monkeypatch: pytest.MonkeyPatch) -> None:
    codes: list[str | None] = [f"{code}-499" if "FLOW" in code else code for code in sorted(row.codes)] or [None]
    samples = [
        problem(status, code, message=row.says or "words")
        for code in codes
        for status in (row.status or [499 if row.codes or row.says else 302])
    ]
    monkeypatch.setattr(classification, "TABLE", tuple(other for other in TABLE if other is not row))

    for sample in samples:
        if next(rule for rule in TABLE if rule.holds(sample)) is row:
            without = next((rule for rule in classification.TABLE if rule.holds(sample)), None)
            assert without is None or (without.error, without.code, without.action) != (row.error, row.code, row.action)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.code}-{row.status or ''}")
def test_an_error_says_all_that_its_row_says(row: Rule, monkeypatch: pytest.MonkeyPatch) -> None:
    everything = Rule(row.error, row.code, row.action, hint=row.hint)
    monkeypatch.setattr(classification, "TABLE", (everything,))
    said = problem(400)

    error = error_for(said, place="GET /x")

    assert (type(error), error.code, error.action, error.hint) == (row.error, row.code, row.action, row.hint)
    assert (error.problem, error.place) == (said, "GET /x")
    assert "words" in error.message


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.code}-{row.status or ''}")
def test_every_error_of_a_person_says_what_to_do(row: Rule) -> None:
    if issubclass(row.error, AdobeUserError) and row.error is not EntityNotFoundError:
        assert row.hint
