"""Deliveries of audiences through the real steps against the emulated Adobe, of both generations."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from aep_delivery.adobe.data_prep import DataPrep
from aep_delivery.planning.adopting import Adoptable, find_adoptable
from aep_delivery.planning.plan import Plan, PlannedAction
from aep_delivery.runtime.errors import UserError
from aep_delivery.state.records import ActivationKind, ResourceKind
from aep_delivery.workflow.drift_check import check_drift
from aep_delivery.workflow.messages import ActivateAudiences, ActivatedAudiences
from aep_delivery.workflow.steps.activate_audiences import activate_audiences
from aep_delivery.workflow.steps.remove_delivery import remove_delivery
from emulator.adobe import server
from emulator.adobe.sinks import Sinks
from tests.faults.harness import START, Adobe, Execution, Installation, LocalServices, NoStorage, SharedClock

GOLD, READERS = "25768be6-ebd5-45cc-8913-12fb3f348613", "9f7d37fd-7039-4454-94ef-2b0cd6c3206a"
DELIVERY = "prod/crm"
BASE = "/data/foundation/flowservice"
KEY = {"type": "access-key", "secret": "secret://planes-destination"}
S3 = {"bucketName": "delivered", "path": "crm", "auth": KEY}
DESTINATIONS: dict[str, dict[str, Any]] = {
    "current": {"type": "amazon-s3", **S3, "fileType": "CSV", "compression": "GZIP"},
    "first": {"type": "amazon-s3-first-generation", **S3},
    "campaign": {
        "type": "adobe-campaign",
        "auth": {"type": "sftp-password", "secret": "secret://server"},
        "remotePath": "import",
    },
    "landing zone": {"type": "data-landing-zone", "path": "crm", "fileType": "JSON", "compression": "NONE"},
    "role": {
        "type": "amazon-s3",
        **S3,
        "auth": {"type": "assumed-role", "s3Role": "arn:aws:iam::123456789012:role/adobe"},
        "fileType": "PARQUET",
        "compression": "NONE",
    },
}
SERVER = {
    "domain": "sftp.example.com",
    "host": "sftp.example.com",
    "username": "adobe",
    "password": "pw-5ac1",
    "hostKey": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJz5K2vGvQ1e0b7x9m4sF1oWkYpWQ8uO6bqv0d3Qm7nE",
}
DAILY = {"frequency": "DAILY", "startDate": "2027-01-02", "startTime": "06:00", "endDate": "2027-06-30"}


def config(destination: str = "current", *, audiences: tuple[str, ...] = (GOLD, READERS), **changes: Any) -> Any:
    section = DESTINATIONS[destination]
    activation = {
        "exportMode": "DAILY_FULL_EXPORT",
        "schedule": DAILY,
        "attributes": [{"source": "person.name.lastName"}, {"source": "personalEmail.address"}],
        "mandatoryFields": ["personalEmail.address"],
        "primaryFields": [{"attributePath": "personalEmail.address"}],
        **{name: value for name, value in changes.items() if name != "adopt"},
    }
    return {
        "version": 1,
        "name": "crm",
        "sandbox": "prod",
        "destination": section,
        "audiences": [{"id": audience} for audience in audiences],
        "activation": activation,
        **({"adopt": changes["adopt"]} if "adopt" in changes else {}),
    }


class NoBus:
    """An event bus that nobody listens to."""

    def publish(self, event: object) -> None:
        return


class AudienceExecution(Execution):
    """The steps up to the activation."""

    def activate(self) -> ActivatedAudiences:
        message = ActivateAudiences(
            execution=self.name,
            delivery=self.delivery,
            lock=self.lock,
            plan=self.plan,
            resources=list(self.resources),
        )
        return self.step(lambda: activate_audiences(message, self.services))

    def deliver(self, *, run: bool = False) -> Plan:
        assert not run
        self.take_lock()
        try:
            plan = self.make_plan()
            self.apply()
            self.activate()
        finally:
            self.release_lock()
        return plan


class AudienceInstallation(Installation):
    def execution(self, config: dict[str, Any] | None = None) -> AudienceExecution:
        return AudienceExecution(self.services, super().execution().name, config or _default())

    def params(self) -> dict[str, Any]:
        (transformation,) = self.adobe.only("flows")["transformations"]
        found: dict[str, Any] = transformation["params"]
        return found

    def audiences(self) -> list[str]:
        return [selector["value"]["id"] for selector in self.params()["segmentSelectors"]["selectors"]]

    def edit_flow(self, *operations: dict[str, Any]) -> None:
        self.adobe.edit("flows", self.adobe.only("flows")["id"], *operations)


def _default() -> dict[str, Any]:
    made: dict[str, Any] = config()
    return made


def write_profiles(lake: Path) -> None:
    """Put one person into a lake, who is in both audiences."""
    profiles = lake / "_profiles"
    profiles.mkdir()
    person = {
        "identityMap": {"Email": [{"id": "a@example.com"}]},
        "person": {"name": {"lastName": "A"}},
        "personalEmail": {"address": "a@example.com"},
    }
    (profiles / "profiles.ndjson").write_text(json.dumps(person) + "\n")
    (profiles / "audiences.yaml").write_text(
        f"audiences:\n  - {{id: {GOLD}, name: Gold, where: {{person.name.lastName: A}}}}\n"
        f"  - {{id: {READERS}, name: Readers, where: {{person.name.lastName: A}}}}\n"
    )


@pytest.fixture(scope="module")
def adobe_with_audiences(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Adobe]:
    lake = Path(tmp_path_factory.mktemp("lake"))
    write_profiles(lake)
    http = httpx.Client(timeout=10, trust_env=False, verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    options: Any = {"speed": 0.0, "start": START, "token_lifetime": 10**6, "adhoc_ready_after": 0.0}
    with server.start(lake, **options) as emulator, http:
        emulator.world.sinks = cast("Sinks", NoStorage())
        yield Adobe(emulator, http, SharedClock(emulator))


@pytest.fixture
def stack(adobe_with_audiences: Adobe) -> AudienceInstallation:
    adobe = adobe_with_audiences
    adobe.control("POST", "reset")
    adobe.control("POST", "clock", {"set": START.isoformat()})
    services = LocalServices(adobe)
    services.secrets.put("server", json.dumps(SERVER))
    services.publisher = NoBus()
    return AudienceInstallation(adobe, services)


def adopted(stack: AudienceInstallation) -> Adoptable:
    """The one dataflow there is, as a config."""
    flow_service = stack.services.flow_service("prod")
    (found,) = find_adoptable(flow_service, "prod", mapping_sets=DataPrep(stack.services.adobe("prod")))
    assert isinstance(found, Adoptable), found
    return found


@pytest.mark.parametrize("destination", DESTINATIONS)
def test_every_kind_is_made_once_and_then_there_is_nothing_left_to_do(
    stack: AudienceInstallation, destination: str
) -> None:
    wanted = config(destination)

    stack.deliver(wanted)

    assert stack.audiences() == [GOLD, READERS]
    again = stack.planned(wanted)
    assert again.changes == 0
    assert not again.does_something
    stack.adobe.forget_requests()
    stack.deliver(wanted)
    assert [call for call in stack.adobe.writes() if "/segmentation/" not in call] == []


@pytest.mark.parametrize("destination", ["current", "first"])
def test_keys_and_attributes_are_where_the_generation_has_them(stack: AudienceInstallation, destination: str) -> None:
    stack.deliver(config(destination))

    params = stack.params()
    fields = params["profileSelectors"] if destination == "first" else params
    assert fields["mandatoryFields"] == ["personalEmail.address"]
    assert fields["primaryFields"] == [{"fieldType": "ATTRIBUTE", "attributePath": "personalEmail.address"}]
    assert ("profileMapping" in params) == (destination == "current")


def test_the_first_generation_has_a_second_base_connection_of_its_own(stack: AudienceInstallation) -> None:
    plan = stack.deliver(config("first"))

    assert [resource.kind for resource in plan.resources] == list(ResourceKind)
    assert stack.adobe.counts() == {"connections": 2, "sourceConnections": 1, "targetConnections": 1, "flows": 1}
    store = plan.resource(ResourceKind.PROFILE_STORE_CONNECTION)
    (entity,) = [one for one in stack.adobe.entities("connections") if one["name"] == store.name]
    assert stack.adobe.only("sourceConnections")["baseConnectionId"] == entity["id"]

    removed = remove_delivery(DELIVERY, "removal", stack.services)

    assert [one.kind for one in removed.resources][-2:] == ["profile-store-connection", "base-connection"]
    assert sum(stack.adobe.counts().values()) == 0
    assert stack.services.store.read_journal(DELIVERY) == {}


def test_an_audience_less_and_other_columns(stack: AudienceInstallation) -> None:
    stack.deliver(config())
    before = stack.params()["profileMapping"]

    plan = stack.deliver(config(audiences=(READERS,), attributes=[{"source": "personalEmail.address"}]))

    assert plan.activation is not None
    assert [f"{one.action} {one.subject} {one.name}" for one in plan.activation.changes] == [
        "remove audience Gold",
        "remove attribute person_name_lastName",
    ]
    assert stack.audiences() == [READERS]
    assert stack.params()["profileMapping"] != before


@pytest.mark.parametrize("fault", ["dropped before", "answer lost", "stale"])
def test_one_activation_whatever_is_lost(stack: AudienceInstallation, fault: str) -> None:
    action: dict[str, Any] = {
        "dropped before": {"type": "respond", "status": 503},
        "answer lost": {"type": "drop", "when": "after"},
        "stale": {"type": "respond", "status": 412, "body": {"message": "stale"}},
    }[fault]
    stack.adobe.plant(f"PATCH {BASE}/flows/{{id}}", action)

    stack.deliver(config())

    assert stack.audiences() == [GOLD, READERS]
    assert stack.planned(config()).changes == 0


def test_a_plan_that_adobe_has_outrun_is_refused(stack: AudienceInstallation) -> None:
    stack.deliver(config())
    execution = stack.execution(config(schedule={**DAILY, "startTime": "07:00"}))
    execution.take_lock()
    execution.make_plan()
    selectors = "/transformations/0/params/segmentSelectors/selectors"
    stack.edit_flow({"op": "replace", "path": f"{selectors}/0/value/schedule/startTime", "value": "09:00"})
    execution.apply()

    with pytest.raises(UserError) as caught:
        execution.activate()

    assert caught.value.code == "plan.stale"


def test_drift_of_audiences_is_found_and_repaired(stack: AudienceInstallation) -> None:
    stack.deliver(config())
    selectors = "/transformations/0/params/segmentSelectors/selectors"
    stack.edit_flow(
        {"op": "replace", "path": f"{selectors}/0/value/schedule/startTime", "value": "09:00"},
        {"op": "remove", "path": f"{selectors}/1"},
    )

    report = check_drift(DELIVERY, "look", stack.services, lambda _: True)

    assert report.repaired, report
    (drifted,) = report.resources
    assert (drifted.kind, drifted.drift) == ("dataflow", "changed")
    assert [(change.path, change.before, change.after) for change in drifted.changes] == [
        ("audiences[Gold].schedule.startTime", "09:00", "06:00"),
        ("audiences[Readers]", None, "DAILY 06:00 from 2027-01-02 until 2027-06-30, full"),
    ]
    assert stack.audiences() == [GOLD, READERS]
    assert check_drift(DELIVERY, "look-again", stack.services, lambda _: False).resources == ()


@pytest.mark.parametrize("destination", ["current", "first"])
def test_an_adopted_dataflow_of_audiences_is_described_as_it_is(stack: AudienceInstallation, destination: str) -> None:
    stack.deliver(config(destination))
    for kind in ("connections", "sourceConnections", "targetConnections", "flows"):
        for entity in stack.adobe.entities(kind):
            stack.adobe.edit(kind, entity["id"], {"op": "replace", "path": "/description", "value": "By hand"})
    stack.services = LocalServices(stack.adobe)

    found = adopted(stack)

    described = found.config
    assert described["audiences"] == [{"id": GOLD}, {"id": READERS}]
    assert described["activation"]["attributes"] == config()["activation"]["attributes"]
    plan = stack.deliver(described)
    assert plan.changes == 0
    assert plan.resource(ResourceKind.DATAFLOW).action is PlannedAction.ADOPT
    if destination == "first":
        assert plan.resource(ResourceKind.PROFILE_STORE_CONNECTION).action is PlannedAction.USE
    later = stack.planned(described)
    assert later.changes == 0
    entry = stack.services.store.read_journal(plan.delivery_id)[ActivationKind.ACTIVATION]
    assert entry.done is not None
    assert set(entry.done.audience_ids) == {GOLD, READERS}
