from __future__ import annotations

import json
from datetime import timedelta
from types import SimpleNamespace

import httpx
import pytest
from botocore.exceptions import ClientError

from aep_delivery.cli import connection
from aep_delivery.cli.checkup import adobe as adobe_checks
from aep_delivery.cli.checkup import aws as aws_checks
from aep_delivery.cli.checkup import destination as destination_checks
from aep_delivery.runtime.errors import UserError
from aep_delivery.storage.memory import MemoryReader
from emulator.adobe.settings import DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET, DEFAULT_ORG

CANARY = "canaryCANARYcanaryCANARYcanaryCANARYcana"
SFTP = {
    "type": "sftp",
    "auth": {"type": "sftp-password", "secret": "secret://planes-destination"},
    "remotePath": "exports",
    "datasetFileType": "PARQUET",
    "compression": "GZIP",
}


class Aws:
    """What the checks ask of AWS; a test lets one call fail."""

    meta = SimpleNamespace(region_name="eu-west-1")

    def __init__(self) -> None:
        self.failing = {}

    def _answer(self, operation, answer):
        if operation in self.failing:
            raise ClientError({"Error": {"Code": self.failing[operation], "Message": CANARY}}, operation)
        return answer

    def get_caller_identity(self):
        return self._answer("GetCallerIdentity", {"Account": "123456789012", "Arn": "arn:aws:iam::123456789012:user/a"})

    def list_objects_v2(self, **asked):
        return self._answer("ListObjectsV2", {})

    def head_bucket(self, **asked):
        return self._answer("HeadBucket", {})

    def describe_state_machine(self, **asked):
        return self._answer("DescribeStateMachine", {"name": "deliver", "status": "ACTIVE"})


@pytest.fixture
def aws(monkeypatch):
    aws = Aws()
    monkeypatch.setattr(aws_checks, "aws_client", lambda service: aws)
    return aws


def checks(cli, *arguments):
    """The exit code, and the checks by name; text and JSON must agree, and hold no secret."""
    text = cli("doctor", *arguments, "--debug")
    code, document = cli.json("doctor", *arguments)
    shown = text.output + json.dumps(document)
    for secret in (DEFAULT_CLIENT_SECRET, CANARY, "Aa" * 20):
        assert secret not in shown
    assert (code, document["healthy"]) == (text.exit_code, code == 0)
    for one in document["checks"]:
        # Every call to Adobe has an id of its own.
        assert f"{one['name']:<26} {one['message'].partition(', request ')[0]}" in text.stdout
        assert one["remedy"] is None or f"  → {one['remedy']}" in text.stdout
    return code, {one["name"]: one for one in document["checks"]}


def states(found):
    return {name: one["state"] for name, one in found.items()}


def test_with_nothing_wrong(cli, aws):
    code, found = checks(cli, "--sandbox", "prod")
    assert code == 0
    assert states(found) == {
        "AWS credentials": "ok",
        "stack": "ok",
        "state table": "ok",
        "work bucket": "ok",
        "config bucket": "ok",
        "state machine": "ok",
        "Adobe's identity service": "ok",
        "Adobe's platform API": "ok",
        "Adobe credential": "ok",
        "Adobe token": "ok",
        "sandbox prod": "ok",
        "dataflows of prod": "ok",
        # The emulated Adobe has a time of its own.
        "clock": "skipped",
    }
    assert "123456789012" in found["AWS credentials"]["message"]
    assert DEFAULT_ORG in found["Adobe credential"]["message"]


def test_a_config_brings_its_destination(cli, aws, config_file):
    cli("apply", config_file(), "--yes")
    code, found = checks(cli, config_file())
    assert code == 0
    assert [*found][-4:] == [
        "destination secret",
        "destination",
        "destination catalogue",
        "Adobe at the destination",
    ]
    assert {one["state"] for name, one in found.items() if name != "clock"} == {"ok"}
    assert found["destination secret"]["message"] == "planes-destination holds s3AccessKey, s3SecretKey"
    assert found["destination"]["message"] == "s3://delivered/exports/planes may be listed, nothing is there yet"


def test_sandboxes_are_those_of_known_deliveries(cli, aws, config_file):
    assert checks(cli)[1]["sandboxes"]["state"] == "skipped"
    cli("apply", config_file(), "--yes")
    found = checks(cli)[1]
    assert (found["sandboxes"]["message"], found["sandbox prod"]["state"]) == ("prod", "ok")


def test_where_adobe_was_not_asked_to_make_a_connection(cli, aws, config_file):
    assert checks(cli, config_file())[1]["Adobe at the destination"]["state"] == "skipped"


def test_adobe_does_not_get_in(cli, aws, adobe, config_file, monkeypatch):
    cli("apply", config_file(), "--yes")
    monkeypatch.setattr(cli.services.flow_service("prod").__class__, "test_connection", lambda self, _: False)
    code, found = checks(cli, config_file())
    assert (code, found["Adobe at the destination"]["code"]) == (1, "cli.connection-refused")


@pytest.mark.parametrize(
    ("operation", "error", "check", "state"),
    [
        ("GetCallerIdentity", "ExpiredToken", "AWS credentials", "failed"),
        ("ListObjectsV2", "AccessDenied", "work bucket", "failed"),
        ("HeadBucket", "403", "config bucket", "skipped"),
        ("HeadBucket", "404", "config bucket", "failed"),
        ("DescribeStateMachine", "AccessDeniedException", "state machine", "skipped"),
        ("DescribeStateMachine", "StateMachineDoesNotExist", "state machine", "failed"),
    ],
)
def test_what_aws_refuses(cli, aws, operation, error, check, state):  # noqa: PLR0917 - fixtures
    aws.failing[operation] = error
    code, found = checks(cli, "--sandbox", "prod")
    assert (code, found[check]["state"]) == (int(state == "failed"), state)
    assert state == "skipped" or found[check]["remedy"]


def test_without_a_stack_the_rest_waits(cli, aws, monkeypatch, config_file):
    def connect(stack):
        raise UserError(f"There is no stack {stack}.", code="cli.stack-not-found", hint="Name yours.")

    monkeypatch.setattr(connection, "connect", connect)
    code, found = checks(cli, config_file())
    assert (code, found["stack"]["remedy"]) == (1, "Name yours.")
    assert [name for name, state in states(found).items() if state == "ok"] == ["AWS credentials", "config"]
    assert [name for name, state in states(found).items() if state == "failed"] == ["stack"]


@pytest.mark.parametrize(
    ("secret", "failed", "code"),
    [
        ({"client_id": DEFAULT_CLIENT_ID, "client_secret": CANARY, "org_id": DEFAULT_ORG}, "Adobe token", "adobe."),
        ({"client_id": DEFAULT_CLIENT_ID, "client_secret": CANARY}, "Adobe credential", "credentials.adobe-secret"),
        (CANARY, "Adobe credential", "credentials.adobe-secret"),
    ],
)
def test_adobes_credential(cli, aws, secret, failed, code):
    cli.services.secrets.put("adobe", json.dumps(secret))
    status, found = checks(cli, "--sandbox", "prod")
    assert (status, found[failed]["state"], found["sandbox prod"]["state"]) == (1, "failed", "skipped")
    assert found[failed]["code"].startswith(code)
    assert found[failed]["remedy"]


def test_a_sandbox_that_is_not_there(cli, aws):
    code, found = checks(cli, "--sandbox", "nope")
    assert (code, found["sandbox nope"]["code"]) == (1, "adobe.sandbox-not-found")
    assert found["dataflows of nope"]["message"] == "waits for: sandbox nope"


def test_a_credential_that_may_not_list_dataflows(cli, aws, adobe):
    action = {"type": "respond", "status": 403, "body": {"code": "FLOW-2118-403", "message": "no"}}
    adobe.plant("GET /data/foundation/flowservice/flows", action, times=9)
    code, found = checks(cli, "--sandbox", "prod")
    assert (code, found["sandbox prod"]["state"]) == (1, "ok")
    assert found["dataflows of prod"]["code"] == "adobe.permission-missing"
    assert "View Destinations" in found["dataflows of prod"]["remedy"]


def test_adobe_out_of_reach(cli, aws, monkeypatch):
    def refuse(request):
        raise httpx.ConnectError("certificate verify failed")

    monkeypatch.setitem(cli.services.__dict__, "http", httpx.Client(transport=httpx.MockTransport(refuse)))
    code, found = checks(cli, "--sandbox", "prod")
    assert (code, found["Adobe's platform API"]["code"]) == (1, "cli.endpoint-unreachable")
    assert found["Adobe's platform API"]["details"] == ["certificate verify failed"]
    assert found["Adobe token"]["message"] == "waits for: Adobe's identity service"


def test_addresses_that_are_none_of_adobes(cli, aws, monkeypatch):
    settings = cli.services.settings.model_copy(update={"adobe_api_url": "http://adobe.example"})
    monkeypatch.setattr(cli.services, "settings", settings)
    cli.services.__dict__.pop("endpoints", None)
    code, found = checks(cli, "--sandbox", "prod")
    assert (code, found["Adobe's platform API"]["code"]) == (1, "cli.endpoint-invalid")


@pytest.mark.parametrize(("seconds", "state"), [(0, "ok"), (59, "ok"), (-59, "ok"), (90, "failed"), (-90, "failed")])
def test_our_clock_against_adobes(cli, aws, monkeypatch, seconds, state):
    monkeypatch.setattr(adobe_checks, "is_loopback", lambda host: False)
    transport = cli.services.adobe("prod")
    theirs = cli.services.clock.now()
    monkeypatch.setattr(transport, "server_time", lambda: theirs)
    monkeypatch.setattr(type(transport), "answered_at", property(lambda self: theirs + timedelta(seconds=seconds)))
    found = checks(cli, "--sandbox", "prod")[1]
    assert found["clock"]["state"] == state
    if state == "failed":
        assert ("ahead of" if seconds > 0 else "behind") in found["clock"]["message"]
        assert "NTP" in found["clock"]["remedy"]


@pytest.mark.parametrize(
    ("held", "secret", "key"),
    [
        ({"hostKey": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI"}, "ok", "ok"),
        ({}, "failed", "failed"),
        ({"hostKey": CANARY}, "failed", "failed"),
        (None, "failed", "skipped"),
    ],
)
def test_an_sftp_server_needs_a_key(cli, aws, config_file, held, secret, key):  # noqa: PLR0917 - fixtures
    login = {"domain": "sftp.example.com", "username": "u", "password": CANARY}
    value = CANARY if held is None else json.dumps(login | held)
    cli.services.secrets.put("planes-destination", value)
    path = config_file()
    path.write_text(json.dumps(json.loads(path.read_text()) | {"destination": SFTP}))
    found = checks(cli, path)[1]
    assert (found["destination secret"]["state"], found["host key"]["state"]) == (secret, key)
    assert found["destination"]["state"] == ("ok" if secret == "ok" else "skipped")
    if key == "failed":
        assert "ssh-keyscan" in found["host key"]["remedy"]


def test_a_secret_that_is_not_there(cli, aws, config_file):
    path = config_file(destination={"auth": {"type": "access-key", "secret": "secret://nope"}})
    code, found = checks(cli, path)
    assert (code, found["destination secret"]["code"]) == (1, "secret.not-found")
    assert "create-secret" in found["destination secret"]["remedy"]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UserError("No such bucket.", code="storage.bucket-missing", hint="Make it."), "storage.bucket-missing"),
        (ImportError("asyncssh"), "cli.storages-missing"),
    ],
)
def test_a_destination_that_cannot_be_listed(cli, aws, config_file, monkeypatch, error, code):  # noqa: PLR0917 - fixtures
    def reader(config):
        raise error

    monkeypatch.setattr(cli.services, "reader", reader)
    status, found = checks(cli, config_file())
    assert (status, found["destination"]["code"]) == (1, code)
    assert found["destination"]["remedy"]


def test_files_that_are_there_are_not_named(cli, aws, config_file, monkeypatch):
    kept = MemoryReader()
    kept.put("exports/planes/a.parquet", b"x")
    monkeypatch.setattr(cli.services, "reader", lambda config: kept)
    message = checks(cli, config_file())[1]["destination"]["message"]
    assert message == "s3://delivered/exports/planes may be listed, files are there"


def test_a_config_with_mistakes(cli, aws, config_file):
    code, found = checks(cli, config_file(name="No Name"))
    assert (code, found["config"]["code"]) == (1, "config.delivery-name")
    assert "destination" not in found


def test_the_catalogue_is_held_against_adobes(cli, aws, config_file, monkeypatch):
    def moved(config, flow_service):
        raise UserError("Moved.", code="catalogue.moved", details=["a", "b"])

    monkeypatch.setattr(destination_checks, "checked_flow_spec", moved)
    code, found = checks(cli, config_file())
    assert (code, found["destination catalogue"]["details"]) == (1, ["a", "b"])


def test_a_config_and_a_sandbox_are_two_answers(cli, aws, config_file):
    code, document = cli.json("doctor", config_file(), "--sandbox", "dev")
    assert (code, document["code"]) == (1, "cli.usage")


def test_nothing_is_written(cli, aws, adobe, config_file):
    adobe.forget_requests()
    checks(cli, config_file())
    assert adobe.requests() != []
    assert adobe.writes() == []
