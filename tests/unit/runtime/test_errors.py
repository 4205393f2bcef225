from __future__ import annotations

import json

import pytest

from aep_delivery.runtime.errors import (
    DeliveryMismatch,
    ErrorDocument,
    InternalError,
    TransientError,
    UserError,
    boundary_error,
    read_cause,
)

ALL = [UserError, TransientError, DeliveryMismatch, InternalError]


class UnknownDatasetError(UserError):
    """A room's own class."""


@pytest.mark.parametrize("family", ALL)
def test_an_error_crosses_the_boundary_under_the_name_of_its_family_and_comes_back_whole(family):
    error = family("It is wrong.", code="config.wrong", hint="Mend it.", place="crm.yaml:1:2", details=["one", "two"])
    crossed = boundary_error(error)
    assert type(crossed).__name__ == family.__name__
    cause = json.dumps({"errorType": type(crossed).__name__, "errorMessage": str(crossed)})
    assert read_cause(type(crossed).__name__, cause) == error.document()


def test_a_rooms_own_class_crosses_as_its_family():
    crossed = boundary_error(UnknownDatasetError("No such dataset.", code="dataset.unknown"))
    assert type(crossed).__name__ == "UserError"


def test_a_foreign_exception_crosses_without_its_message():
    crossed = boundary_error(ValueError("canary-password"))
    assert type(crossed).__name__ == "InternalError"
    assert "ValueError" in str(crossed)
    assert "canary" not in str(crossed)


def test_diagnostics_that_say_it_all_are_not_said_twice():
    document = ErrorDocument(
        error="UserError",
        code="config.unknown-field",
        message="bucketNam: not a known field",
        place="crm.yaml:12:9",
        hint="Write bucketName.",
        details=["crm.yaml:12:9: bucketNam: not a known field [config.unknown-field]", "  hint: Write bucketName."],
    )
    assert document.as_text().count("not a known field") == 1
    assert document.as_text().count("Write bucketName") == 1


def test_retry_after_travels():
    crossed = boundary_error(TransientError("Busy.", code="adobe.throttled", retry_after_seconds=7))
    assert read_cause("TransientError", json.dumps({"errorMessage": str(crossed)})).retry_after_seconds == 7


@pytest.mark.parametrize("cause", ["", "not json", "[]", '{"errorMessage": "Task timed out"}', '{"errorMessage": 3}'])
def test_what_the_platform_says_becomes_an_internal_error(cause):
    document = read_cause("States.Timeout", cause)
    assert document.error == "InternalError"
    assert document.code == "platform.states.timeout"


def test_the_text_of_an_error_is_what_a_person_reads():
    document = ErrorDocument(
        error="UserError",
        code="config.unknown-field",
        message="not a known field",
        place="crm.yaml:12:9",
        hint="did you mean bucketName?",
        details=["further"],
    )
    assert document.as_text() == (
        "crm.yaml:12:9: not a known field [config.unknown-field]\n  further\n  hint: did you mean bucketName?"
    )
