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
    assert error.document() == ErrorDocument(
        error=family.__name__,
        code="config.wrong",
        message="It is wrong.",
        hint="Mend it.",
        place="crm.yaml:1:2",
        details=["one", "two"],
    )
    crossed = boundary_error(error)
    assert type(crossed).__name__ == family.__name__
    cause = json.dumps({"errorType": type(crossed).__name__, "errorMessage": str(crossed)})
    assert read_cause(type(crossed).__name__, cause) == error.document()


@pytest.mark.parametrize("letter", ["a", "é", "\\", '"', "\n", "\x00", "🛩"])
@pytest.mark.parametrize("many", [1, 250, 10_000])
def test_an_error_fits_into_a_cause_however_much_it_has_to_say(letter, many):
    """AWS: a Cause is cut at 32,768 characters; a document that is cut could not be read."""
    long = letter * 3_000
    error = UserError(long * 3, code="audience.not-found", place=long * 3, hint=long, details=[long] * many)
    cause = json.dumps({"errorType": "UserError", "errorMessage": str(boundary_error(error)), "stackTrace": []})
    assert len(cause) < 32_768
    back = read_cause("UserError", cause)
    assert (back.error, back.code) == ("UserError", "audience.not-found")
    assert back.message.startswith(letter * 10)
    assert len(back.as_text()) < 32_768
    if many > 1:
        assert back.details[-1] == f"… and {many - len(back.details) + 1} more"


def test_a_rooms_own_class_crosses_as_its_family():
    crossed = boundary_error(UnknownDatasetError("No such dataset.", code="dataset.unknown"))
    assert type(crossed).__name__ == "UserError"


def test_a_foreign_exception_crosses_without_its_message():
    crossed = boundary_error(ValueError("canary-password"))
    assert type(crossed).__name__ == "InternalError"
    assert "ValueError" in str(crossed)
    assert "canary" not in str(crossed)
    document = ErrorDocument.model_validate_json(str(crossed))
    assert (document.error, document.code) == ("InternalError", "internal.unexpected")
    assert document.hint


def test_what_is_not_said_is_not_sent():
    assert json.loads(str(boundary_error(UserError("No.", code="a.b")))) == {
        "error": "UserError",
        "code": "a.b",
        "message": "No.",
    }


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
    assert document.as_text().splitlines() == document.details


def test_details_that_are_about_another_place_are_said_beside_the_error():
    document = ErrorDocument(error="UserError", code="a.b", message="m", place="x", details=["elsewhere: n [a.b]"])
    assert document.as_text() == "x: m [a.b]\n  elsewhere: n [a.b]"


def test_an_error_without_a_place_is_said_without_one():
    assert ErrorDocument(error="UserError", code="a.b", message="m").as_text() == "m [a.b]"


def test_retry_after_travels():
    crossed = boundary_error(TransientError("Busy.", code="adobe.throttled", retry_after_seconds=7))
    assert read_cause("TransientError", json.dumps({"errorMessage": str(crossed)})).retry_after_seconds == 7


@pytest.mark.parametrize("cause", ["", "not json", "[]", '{"errorMessage": "Task timed out"}', '{"errorMessage": 3}'])
def test_what_the_platform_says_becomes_an_internal_error(cause):
    document = read_cause("States.Timeout", cause)
    assert document.error == "InternalError"
    assert document.code == "platform.states.timeout"
    assert document.hint
    said = {"[]": "[]", '{"errorMessage": "Task timed out"}': "Task timed out", '{"errorMessage": 3}': "3"}
    assert document.details == ([said.get(cause, cause)] if cause else [])


def test_of_what_the_platform_says_no_more_is_kept_than_a_person_reads():
    assert read_cause("States.Timeout", "x" * 9_999).details == ["x" * 500]


def test_a_document_of_another_kind_is_no_error_of_ours():
    cause = json.dumps({"errorMessage": json.dumps({"error": "KeyError", "code": "a.b", "message": "m"})})
    assert read_cause("Lambda.Unknown", cause).code == "platform.lambda.unknown"
    assert read_cause("Lambda.Unknown", json.dumps({"other": 1})).details == ['{"other": 1}']


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


CAUSE = 32_768
"""Characters of a Cause that Step Functions keeps."""


def in_a_cause(document):
    return len(json.dumps({"errorMessage": document.model_dump_json(exclude_defaults=True)}))


def document(**fields):
    return ErrorDocument(**{"error": "UserError", "code": "a.b", "message": "m", **fields})


@pytest.mark.parametrize(
    "said",
    [
        document(),
        document(hint="h", place="p", details=["one", "two"], retry_after_seconds=3),
        document(message="x" * 5_900, details=["y" * 1_900] * 10),
    ],
    ids=["little", "all", "much"],
)
def test_what_a_cause_can_hold_is_left_as_it_is(said):
    assert said.bounded() == said


@pytest.mark.parametrize("letter", ["x", '"', "\\", "é", "\0", "\N{GRINNING FACE}"])
@pytest.mark.parametrize("longest", [1, 40, 9_000])
def test_a_cause_can_hold_whatever_is_said(letter, longest):
    said = document(
        message=letter * 90_000, hint=letter * 90_000, place=letter * 90_000, details=[letter * longest] * 4_000
    )

    bounded = said.bounded()

    assert in_a_cause(bounded) < CAUSE - 2_000, "with room for what Lambda tells beside it"
    assert bounded.message.startswith(letter * 100)
    assert bounded.message.endswith("…")
    assert bounded.hint.startswith(letter * 100)
    assert bounded.place.startswith(letter * 100)
    *kept, last = bounded.details
    assert kept
    assert all(detail.removesuffix("…") in said.details[0] for detail in kept)
    assert last == f"… and {4_000 - len(kept)} more"


def test_as_many_details_are_kept_as_there_is_room_for():
    said = document(details=["y" * 100] * 4_000)
    assert in_a_cause(said.bounded()) > CAUSE * 0.8


def test_a_long_detail_is_cut_and_those_behind_it_are_not():
    kept = document(details=["x" * 9_000, "two"]).bounded().details
    assert (len(kept[0]) < 2_100, kept[0][-1], kept[1]) == (True, "…", "two")
