"""Bad input ends in one clear error, changes nothing in Adobe, and leaves nothing for the next attempt to trip over."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from emulator.adobe.settings import DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET, DEFAULT_ORG
from tests.workflow import sandboxes
from tests.workflow.bench import NONE, ONE_OF_EACH, Bench, Ended, with_fields

pytestmark = pytest.mark.workflow


def assert_one_clear_error(ended: Ended, code: str, place: str, hint: str = "") -> None:
    """The same error, in full, in the execution, the event, the receipt and on the page."""
    assert (ended.status, ended.error) == ("FAILED", code)
    lines = ended.cause.splitlines()
    assert f"[{code}]" in ended.cause
    assert lines[-1] == f"Receipt: {ended.event['detail']['receiptPage']}"
    assert ended.event["detail-type"] == "Delivery Failed"
    error, failure = ended.event["detail"]["error"], ended.receipt["failure"]
    for told in (error, failure):
        assert told["code"] == code
        assert re.search(place, told["place"] or ""), told["place"]
        assert told["message"] in ended.cause
        assert re.search(hint, told["hint"] or ""), told["hint"]
    if failure["hint"]:
        assert failure["hint"] in ended.cause
    assert ended.receipt["verdict"] == "FAILED"
    assert code in ended.page
    assert ended.states[-3:] == ["HandleFailure", "WasSuperseded", "Failed"]


def assert_next_attempt_succeeds(bench: Bench, config: dict[str, Any]) -> None:
    """Above all the lock is free again: the workflow would wait for it for an hour."""
    ended = bench.deliver(config)
    assert ended.verdict == "VERIFIED"
    assert ended.attempts["acquire_lock"] == 1
    assert bench.counts(config) == ONE_OF_EACH


UNREADABLE = b"""\
version: 1
name: flights
datasets: [a
sandbox: prod
"""


def test_yaml_that_cannot_be_read(bench: Bench) -> None:
    ended = bench.deliver(UNREADABLE, "broken.yaml")
    assert_one_clear_error(ended, "config.syntax", r"^broken\.yaml:4:\d+")
    assert ended.receipt["delivery"]["sandbox"] is None
    assert ended.event["detail"]["deliveryId"] is None


@pytest.mark.parametrize(
    ("changes", "code", "place", "hint"),
    [
        ({"destination__bucketNam": "x"}, "config.unknown-field", r"\.yaml:\d+:\d+", ""),
        ({"destination__type": "amazon-s4"}, "config.unknown-destination", r"\.yaml:\d+:\d+", ""),
        ({"destination__path": "exports/../other"}, "config.path-dots", r"\.yaml:\d+:\d+", ""),
        ({"run__deadlineMinutes": "soon"}, "config.wrong-type", r"\.yaml:\d+:\d+", ""),
        ({"datasets": [{"name": "Nobody's"}]}, "dataset.not-exportable", r"\.yaml:\d+:\d+.*datasets", "."),
        ({"datasets": [{"name": "Internal Ledger"}]}, "dataset.not-exportable", r"\.yaml:\d+:\d+.*datasets", "."),
        (
            {"destination__auth__secret": "secret://nothing-here"},
            "secret.not-found",
            "aep-delivery/destinations/nothing-here",
            "create-secret",
        ),
        ({"scheduleParams__startTime": "2020-01-01T00:00:00Z"}, "schedule.in-the-past", "startTime", "Adobe's clock"),
        ({"sandbox": "nowhere"}, "adobe", "", ""),
    ],
    ids=lambda value: str(value) if isinstance(value, str) else next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_config_that_asks_for_the_impossible(
    bench: Bench, changes: dict[str, Any], code: str, place: str, hint: str
) -> None:
    config = bench.config()
    ended = bench.deliver(with_fields(config, changes))
    if code == "adobe":
        code = ended.error
        assert code.startswith("adobe.")
    assert_one_clear_error(ended, code, place, hint)
    assert bench.counts(config) == NONE
    if "AcquireLock" in ended.states:
        assert_next_attempt_succeeds(bench, config)


def test_a_credential_that_the_destination_refuses(bench: Bench) -> None:
    bench.installation.put_secret("stranger", {"s3AccessKey": "ABCDEFGHIJ234567ABCD", "s3SecretKey": "x" * 40})
    config = bench.config(destination__auth__secret="secret://stranger")
    ended = bench.deliver(config)
    assert ended.error.startswith(("storage.", "destination."))
    assert_one_clear_error(ended, ended.error, "", ".")
    assert bench.counts(config) == NONE
    assert_next_attempt_succeeds(bench, with_fields(config, {"destination__auth__secret": "secret://warehouse"}))


def test_a_secret_that_is_not_what_adobe_takes(bench: Bench) -> None:
    bench.installation.put_secret("half", {"s3AccessKey": "ABCDEFGHIJ234567ABCD"})
    config = bench.config(destination__auth__secret="secret://half")
    ended = bench.deliver(config)
    assert_one_clear_error(ended, "secret.invalid", r"\.yaml:\d+:\d+.*destination\.auth\.secret", "s3SecretKey")
    assert bench.counts(config) == NONE


def test_a_bucket_that_is_not_there(bench: Bench) -> None:
    config = bench.config(destination__bucketName="there-is-no-such-bucket")
    ended = bench.deliver(config)
    assert_one_clear_error(ended, ended.error, "", ".")
    assert bench.counts(config) == NONE


def test_adobe_credentials_that_adobe_refuses(bench: Bench) -> None:
    config = bench.config()
    with _adobe_secret(bench, "p8e-not-the-right-one"):
        ended = bench.deliver(config)
    assert_one_clear_error(ended, ended.error, "", ".")
    assert ended.receipt["failure"]["error"] == "UserError"
    assert "p8e-not-the-right-one" not in json.dumps(ended.receipt) + ended.page + json.dumps(
        ended.history, default=str
    )
    assert bench.counts(config) == NONE
    assert_next_attempt_succeeds(bench, config)


@pytest.mark.parametrize("key", ["elsewhere/a.yaml", "deliveries/notes.txt", "deliveries.yaml"])
def test_a_key_outside_of_the_pattern_starts_nothing(bench: Bench, key: str) -> None:
    body = json.dumps(bench.config()).encode()
    bucket = bench.installation.outputs["ConfigBucketName"]
    bench.installation.cloud.client("s3").put_object(Bucket=bucket, Key=key, Body=body)
    assert bench.upload_event(key)
    bench.nothing_starts(seconds=1.0)
    assert bench.installation.queue_depth("IntakeDeadLettersUrl") == 0


def test_an_event_that_names_another_sandbox_is_refused(bench: Bench) -> None:
    config = bench.config()
    assert bench.deliver(config).verdict == "VERIFIED"
    ended = bench.ended(bench.request(key=f"deliveries/{config['name']}.yaml", sandbox="dev"))
    assert_one_clear_error(ended, "config.other-sandbox", config["name"], "sandbox")


def test_an_event_that_names_a_config_that_is_not_there(bench: Bench) -> None:
    ended = bench.ended(bench.request(key="deliveries/not-there.yaml"))
    assert_one_clear_error(ended, "config.not-found", "deliveries/not-there.yaml", "config bucket")


def test_a_schedule_that_is_over(bench: Bench) -> None:
    start = bench.adobe_time() - timedelta(days=3)
    config = bench.config(
        scheduleParams__startTime=start.isoformat(), scheduleParams__endTime=(start + timedelta(days=1)).isoformat()
    )
    ended = bench.deliver(config)
    assert ended.error in {"schedule.in-the-past", "schedule.ended"}
    assert_one_clear_error(ended, ended.error, r"scheduleParams\.(start|end)Time", ".")
    assert bench.counts(config) == NONE


@contextmanager
def _adobe_secret(bench: Bench, client_secret: str) -> Iterator[None]:
    """Another credential for Adobe, and nothing in memory of the right one."""
    secrets, name = bench.installation.cloud.client("secretsmanager"), bench.installation.outputs["AdobeSecretName"]
    value = {"client_id": DEFAULT_CLIENT_ID, "client_secret": client_secret, "org_id": DEFAULT_ORG}
    secrets.put_secret_value(SecretId=name, SecretString=json.dumps(value))
    bench.control("POST", "tokens/revoke")
    if sandboxes.processes(bench.installation.cloud.endpoint, "PlanChanges"):
        sandboxes.kill(bench.installation.cloud.endpoint, "PlanChanges")
    try:
        yield
    finally:
        value["client_secret"] = DEFAULT_CLIENT_SECRET
        secrets.put_secret_value(SecretId=name, SecretString=json.dumps(value))
