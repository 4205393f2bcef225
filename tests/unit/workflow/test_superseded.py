"""An execution whose config was replaced while it waited does not undo what the newer one has done."""

from __future__ import annotations

import pytest

from aep_delivery.runtime.errors import InternalError, UserError
from aep_delivery.workflow.messages import LoadConfig, PlanChanges
from aep_delivery.workflow.steps.load_config import load_config
from aep_delivery.workflow.steps.plan_changes import plan_changes
from aep_delivery.workflow.superseded import Dropped, refuse_superseded

KEY = "deliveries/crm.yaml"
REQUEST = {"bucket": "configs", "key": KEY, "trigger": "upload", "requestedAt": "2026-03-01T12:00:00Z"}


@pytest.fixture
def drop(aws_account):
    s3 = aws_account("s3")
    s3.create_bucket(Bucket="configs")
    s3.put_bucket_versioning(Bucket="configs", VersioningConfiguration={"Status": "Enabled"})
    return lambda body: s3.put_object(Bucket="configs", Key=KEY, Body=body)["VersionId"]


def loaded(services, **request):
    message = LoadConfig.model_validate({"execution": "e-1", "request": REQUEST | request})
    return PlanChanges(execution="e-1", delivery=load_config(message, services))


@pytest.mark.parametrize("others", [b"version: 1\n", b"", b"#" * (9 << 20)], ids=["another", "empty", "huge"])
def test_an_old_version_is_refused_when_its_turn_comes(drop, services, config_text, others):
    old = drop(config_text)
    message = loaded(services, versionId=old)
    drop(others)
    with pytest.raises(UserError) as caught:
        plan_changes(message, services)
    assert (caught.value.code, caught.value.place) == ("config.superseded", f"s3://configs/{KEY}")


def test_what_was_the_latest_when_it_was_read_may_be_so_no_more(drop, services, config_text):
    drop(config_text)
    message = loaded(services, trigger="schedule", occasion="2026-03-01")
    drop(config_text.replace(b"GZIP", b"NONE"))
    with pytest.raises(UserError, match="dropped meanwhile"):
        plan_changes(message, services)


def test_the_same_once_more_supersedes_nothing(drop, config_text):
    drop(config_text)
    drop(config_text)
    refuse_superseded(Dropped.of("configs", KEY, config_text))


def test_a_config_that_was_deleted_was_not_replaced(drop, aws_account, config_text):
    drop(config_text)
    aws_account("s3").delete_object(Bucket="configs", Key=KEY)
    refuse_superseded(Dropped.of("configs", KEY, config_text))


def test_an_old_version_that_somebody_asks_for_is_delivered(drop, services, config_text):
    old = drop(config_text)
    drop(config_text.replace(b"GZIP", b"NONE"))
    message = loaded(services, versionId=old, trigger="event", occasion="x")
    with pytest.raises(UserError) as caught:
        plan_changes(message, services)
    # What planning looks at first.
    assert caught.value.code == "secret.not-found"


def test_a_bucket_that_refuses_is_no_answer(aws_account):
    with pytest.raises(InternalError) as caught:
        refuse_superseded(Dropped.of("no-such-bucket", KEY, b""))
    assert caught.value.code == "aws.refused"
