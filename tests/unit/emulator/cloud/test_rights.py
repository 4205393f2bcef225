from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ministack.core import iam_evaluator
from ministack.core.iam_evaluator import EvalContext, parse_policy_document

from emulator.cloud import rights
from emulator.cloud.rights import Decision

ROLE = "arn:aws:sts::000000000000:assumed-role/aep-delivery-LoadConfigFunctionRole-1A2B3C/load"
READ = {"Sid": "Configs", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::configs/*"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(iam_evaluator, "evaluate", iam_evaluator.evaluate)
    monkeypatch.setattr(iam_evaluator, "enforce", lambda *_, **named: named["denied"])
    monkeypatch.setenv(rights.FOLDER, str(tmp_path))
    rights.install()
    return tmp_path


def call(action: str, principal: str = ROLE) -> str:
    """What ministack decides on a call of one who may read configs."""
    context = EvalContext(principal, "AssumedRole", "0", action, "arn:aws:s3:::configs/a.yaml", "us-east-1")
    policies = [parse_policy_document({"Version": "2012-10-17", "Statement": [READ]})]
    return str(iam_evaluator.evaluate(context, policies).decision)


def test_an_allowed_call_is_written_down_once_with_its_statement(folder: Path) -> None:
    assert [call("s3:GetObject"), call("s3:GetObject")] == ["Allow", "Allow"]
    assert rights.decisions(folder) == {Decision("LoadConfigFunction", "Configs", "s3:GetObject", allowed=True)}
    (file,) = folder.iterdir()
    assert len(file.read_text().splitlines()) == 1


def test_what_one_policy_alone_does_not_allow_another_may_yet(folder: Path) -> None:
    assert call("s3:PutObject") == "ImplicitDeny"
    assert rights.decisions(folder) == set()


@pytest.mark.parametrize("principal", ["arn:aws:iam::000000000000:root", "arn:aws:iam::000000000000:user/adobe"])
def test_who_is_no_function_is_none_of_its_business(folder: Path, principal: str) -> None:
    assert call("s3:GetObject", principal) == "Allow"
    assert rights.decisions(folder) == set()


def test_a_denied_call_is_written_down(folder: Path) -> None:
    denied: Any = iam_evaluator.EvalResult("ImplicitDeny", ROLE)
    assert iam_evaluator.enforce("key", "s3:PutObject", "s3", denied=denied) is denied
    assert iam_evaluator.enforce("key", "s3:GetObject", "s3", denied=None) is None
    assert rights.decisions(folder) == {Decision("LoadConfigFunction", "", "s3:PutObject", allowed=False)}


def test_without_a_folder_nothing_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    before = iam_evaluator.evaluate
    monkeypatch.delenv(rights.FOLDER, raising=False)
    rights.install()
    assert iam_evaluator.evaluate is before
