from __future__ import annotations

import getpass
import re
from types import SimpleNamespace

import pytest

from aep_delivery.cli import local
from aep_delivery.runtime.errors import TransientError, UserError
from aep_delivery.state.lock import LockHeldError, LockLostError
from aep_delivery.workflow import in_process


def test_executions_are_named_after_the_user_and_never_alike(monkeypatch):
    monkeypatch.setattr(getpass, "getuser", lambda: "DOMAIN\\jörg m")
    names = {local.execution_name() for _ in range(50)}
    assert len(names) == 50
    # Step Functions' own rule for names of executions, which these stand beside.
    assert all(re.fullmatch(r"cli-DOMAIN-j-rg-m-[0-9a-f]{12}", name) for name in names)


def test_a_user_without_a_name_can_work_too(monkeypatch):
    def nobody():
        raise KeyError("uid not found")

    monkeypatch.setattr(getpass, "getuser", nobody)
    assert local.execution_name().startswith("cli-unknown-")


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (TransientError("x", code="adobe.busy"), True),
        (LockHeldError("x", code="state.delivery-locked"), False),
        (LockLostError("x", code="state.lock-lost"), False),
        (UserError("x", code="x"), False),
        (KeyboardInterrupt(), False),
    ],
)
def test_only_what_nobody_is_to_blame_for_is_tried_again(error, again):
    assert in_process._is_worth_another_try(error) is again


@pytest.mark.parametrize(
    ("attempt", "asked", "wait"), [(1, None, 2), (3, None, 8), (9, None, 60), (1, 20, 20), (1, 9999, 120)]
)
def test_waits_grow_and_heed_what_the_other_side_asks_for(attempt, asked, wait):
    error = TransientError("x", code="adobe.busy", retry_after_seconds=asked)
    state = SimpleNamespace(attempt_number=attempt, outcome=SimpleNamespace(exception=lambda: error))
    assert in_process._wait(state) == wait


def test_it_gives_up_at_last_and_says_why_it_waited(cli, adobe, config_file):
    adobe.plant("POST /data/foundation/flowservice/connections", {"type": "respond", "status": 503}, times=1000)
    result = cli("apply", config_file(), "--yes")
    assert result.exit_code == 1
    assert result.stderr.count("Trying again in") == in_process.ATTEMPTS - 1
