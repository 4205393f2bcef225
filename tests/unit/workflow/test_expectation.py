from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aep_delivery.config.audiences import Audience
from aep_delivery.config.load import load_config
from aep_delivery.config.models import DeliveryConfig
from aep_delivery.planning.audiences import AudienceToExport
from aep_delivery.planning.declared import DatasetToExport
from aep_delivery.planning.plan import Plan
from aep_delivery.verification.dialect import CsvDialect
from aep_delivery.verification.expectation import Expectation
from aep_delivery.verification.inventory import patterns
from aep_delivery.workflow.expectation import expectation_of
from aep_delivery.workflow.steps.receipts import asked

EXAMPLES = Path(__file__).parents[3] / "examples"
DELIVERIES = sorted(path.stem for path in EXAMPLES.glob("*.yaml"))
DATASET = "5ef3e324052581191aa6a466"
AUDIENCE = "9f7d37fd-7039-4454-94ef-2b0cd6c3206a"


def config_of(name: str) -> DeliveryConfig:
    return load_config((EXAMPLES / f"{name}.yaml").read_bytes(), f"{name}.yaml")


def plan_of(config: DeliveryConfig) -> Plan:
    return Plan(
        config_fingerprint=config.fingerprint,
        delivery_id=config.delivery_id,
        owner="o",
        serial=0,
        datasets=[DatasetToExport(id=item.id or DATASET, name=item.name or "Planes") for item in config.datasets],
        audiences=[planned(config, audience) for audience in config.audiences],
        schedule={},
        resources=[],
        warnings=[],
    )


def planned(config: DeliveryConfig, audience: Audience) -> AudienceToExport:
    value: dict[str, Any] = {
        "id": audience.id or AUDIENCE,
        "exportMode": "DAILY_FULL_EXPORT",
        "schedule": {
            "frequency": "DAILY",
            "triggerType": "SCHEDULED",
            "startDate": "2030-01-01",
            "startTime": "06:00",
            "endDate": "2030-07-01",
        },
    }
    template = audience.filename_template or config.audience_activation.filename_template
    if template:
        value["filenameTemplate"] = template
    selector = {"type": "PLATFORM_SEGMENT", "value": value}
    return AudienceToExport(id=value["id"], name=audience.name or "Gold", selector=selector)


def expected(name: str) -> Expectation:
    config = config_of(name)
    return expectation_of(config, plan_of(config))


@pytest.mark.parametrize("name", DELIVERIES)
def test_every_example_can_be_expected_and_told(name: str) -> None:
    config = config_of(name)
    plan = plan_of(config)
    expectation = expectation_of(config, plan)
    assert len(expectation.audiences) == len(config.audiences)
    assert len(expectation.datasets) == len(config.datasets)
    assert patterns(expectation)
    assert Expectation.model_validate_json(expectation.model_dump_json()) == expectation
    for said in (asked(config, plan), asked(config, None)):
        assert len(said.datasets) + len(said.audiences) == len(config.datasets) + len(config.audiences)
        assert said.destination.type == config.destination.type
        assert bool(said.activation) is bool(said.audiences) is not bool(said.schedule)


@pytest.mark.parametrize(
    ("name", "location"),
    [
        ("amazon-s3-datasets", "s3:"),
        ("google-cloud-storage-datasets", "gs:"),
        ("sftp-audiences", "sftp:"),
        ("oracle-eloqua", "sftp:"),
        ("data-landing-zone-datasets", "landing-zone:"),
    ],
)
def test_the_location_says_the_kind_of_storage(name: str, location: str) -> None:
    assert expected(name).location.startswith(location)


def test_csv_is_read_as_it_was_asked_for() -> None:
    config = config_of("amazon-s3-audiences")
    options = config.destination.model_dump()["csv_options"] or {}
    expectation = expectation_of(config, plan_of(config))
    if expectation.file_type == "CSV":
        assert expectation.dialect.delimiter == options.get("delimiter", ",")
        assert expectation.dialect.escape == options.get("escape", "\\")
    first = expected("oracle-eloqua")
    assert (first.file_type, first.compression, first.dialect) == ("CSV", "NONE", CsvDialect(escape="\\"))


def test_columns_and_key_are_those_of_the_mapping() -> None:
    expectation = expected("encrypted-audiences")
    assert expectation.encrypted
    assert expectation.columns == ("email", "first_name", "last_name")
    assert expectation.key_columns == ("email",)
    assert expected("oracle-eloqua").columns[1] == "person_name_firstName"
    assert expected("demo").columns == ()


def test_a_key_that_is_not_exported_is_not_looked_for() -> None:
    config = config_of("encrypted-audiences")
    document = config.document()
    document["activation"]["primaryFields"] = [{"identityNamespace": "Email"}]
    changed = DeliveryConfig.from_document(document)
    assert expectation_of(changed, plan_of(changed)).key_columns == ()
    document["activation"]["attributes"].append({"source": "identityMap.Email", "column": "email_id"})
    changed = DeliveryConfig.from_document(document)
    assert expectation_of(changed, plan_of(changed)).key_columns == ("email_id",)


def test_the_receipt_says_what_was_asked_of_an_audience() -> None:
    config = config_of("encrypted-audiences")
    said = asked(config, plan_of(config))
    [audience] = said.audiences
    assert (audience.id, audience.name, audience.frequency) == (AUDIENCE, "Loyalty Gold", "DAILY")
    assert (str(audience.start_date), audience.start_time, str(audience.end_date)) == (
        "2030-01-01",
        "06:00",
        "2030-07-01",
    )
    assert audience.filename_template == "%SEGMENT_NAME%_%DATETIME(YYYYMMdd_HHmmss)%"
    assert said.activation is not None
    assert said.activation.primary_fields == ["personalEmail.address"]
    assert said.destination.encryption
    assert said.destination.csv_options is not None
    assert "publicKey" not in said.model_dump_json()
