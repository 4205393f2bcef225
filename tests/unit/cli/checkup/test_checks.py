from __future__ import annotations

import pytest
from botocore.exceptions import ClientError, NoCredentialsError

from aep_delivery.cli.checkup.checks import Checked, Checkup, NothingToCheckError, State
from aep_delivery.runtime.errors import UserError


def _raise(error: Exception) -> str:
    raise error


def test_each_is_told_as_it_ends() -> None:
    told: list[Checked] = []
    checkup = Checkup(told.append)
    assert checkup.check("a", lambda: 3, lambda found: f"{found} found") == 3
    assert checkup.check("b", lambda: _raise(NothingToCheckError("none")), str) is None
    assert told == checkup.done
    assert [(one.name, one.state, one.message) for one in told] == [
        ("a", State.OK, "3 found"),
        ("b", State.SKIPPED, "none"),
    ]
    assert checkup.healthy


def test_what_failed_has_code_and_remedy() -> None:
    checkup = Checkup(lambda _: None)
    checkup.check("a", lambda: _raise(UserError("Wrong.", code="x.y", hint="Right.", details=["z"])), str)
    (one,) = checkup.done
    assert (one.state, one.message, one.code, one.remedy, one.details) == (
        State.FAILED,
        "Wrong.",
        "x.y",
        "Right.",
        ["z"],
    )
    assert not checkup.healthy


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NoCredentialsError(), "aws.no-credentials"),
        (ClientError({"Error": {"Code": "AccessDenied", "Message": "canary"}}, "GetItem"), "aws.access-denied"),
    ],
)
def test_awss_errors_are_explained(error: Exception, code: str) -> None:
    checkup = Checkup(lambda _: None)
    checkup.check("a", lambda: _raise(error), str)
    assert checkup.done[0].code == code
    assert checkup.done[0].remedy
    assert "canary" not in checkup.done[0].model_dump_json()


def test_what_needs_what_failed_is_not_tried() -> None:
    checkup = Checkup(lambda _: None)
    checkup.check("a", lambda: _raise(UserError("Wrong.", code="x.y")), str)
    checkup.check("b", lambda: _raise(AssertionError()), str, needs=["a"])
    checkup.check("c", lambda: _raise(AssertionError()), str, needs=["b"])
    assert [(one.state, one.message) for one in checkup.done[1:]] == [
        (State.SKIPPED, "waits for: a"),
        (State.SKIPPED, "waits for: b"),
    ]


def test_what_needs_what_did_not_apply_is_tried() -> None:
    checkup = Checkup(lambda _: None)
    checkup.check("a", lambda: _raise(NothingToCheckError("none")), str)
    assert checkup.check("b", lambda: 1, str, needs=["a"]) == 1


def test_a_defect_is_no_finding() -> None:
    with pytest.raises(ZeroDivisionError):
        Checkup(lambda _: None).check("a", lambda: str(1 // 0), str)
