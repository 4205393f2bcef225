from __future__ import annotations

import pytest

from aep_delivery.config import compose
from aep_delivery.events.inbound import DeliveryRequest
from aep_delivery.runtime.errors import UserError
from aep_delivery.workflow.config_document import read_config
from aep_delivery.workflow.messages import LoadConfig
from aep_delivery.workflow.steps.load_config import load_config


@pytest.fixture
def bucket(aws_account):
    s3 = aws_account("s3")
    s3.create_bucket(Bucket="configs")
    s3.put_bucket_versioning(Bucket="configs", VersioningConfiguration={"Status": "Enabled"})
    return lambda body, key="deliveries/crm.yaml": s3.put_object(Bucket="configs", Key=key, Body=body)["VersionId"]


def message(version_id=None, sandbox=None, key="deliveries/crm.yaml"):
    return LoadConfig(
        execution="e-1",
        request=DeliveryRequest(
            bucket="configs",
            key=key,
            version_id=version_id,
            sandbox=sandbox,
            trigger="upload",
            requested_at="2026-03-01T12:00:00Z",
        ),
    )


def test_the_config_is_read_at_the_version_that_was_dropped(bucket, services, config_text):
    version = bucket(config_text)
    bucket(config_text.replace(b"GZIP", b"NONE"))
    delivery = load_config(message(version), services)
    assert delivery.delivery_id == "prod/nyc-flights"
    document = read_config(services.documents, delivery)
    assert document.delivery().destination.compression == "GZIP"
    assert document.positions["scheduleParams.interval"] == (17, 13)


def test_a_request_may_mean_another_trigger_and_the_places_stay(bucket, services, config_text):
    asked = message(bucket(config_text))
    as_written = read_config(services.documents, load_config(asked, services))
    asked = asked.model_copy(update={"request": asked.request.model_copy(update={"run_trigger": "NOW"})})
    document = read_config(services.documents, load_config(asked, services))
    assert (as_written.delivery().run.trigger, document.delivery().run.trigger) == ("SCHEDULED", "NOW")
    assert document.delivery().run.deadline_minutes == as_written.delivery().run.deadline_minutes
    assert document.positions == as_written.positions


def test_an_unreadable_config_names_its_line(bucket, services, config_text):
    version = bucket(config_text.replace(b"bucketName", b"bucketNam"))
    with pytest.raises(UserError) as caught:
        load_config(message(version), services)
    assert caught.value.code == "config.unknown-field"
    assert "crm.yaml:9:3" in caught.value.place
    assert services.documents.kept == {}


def test_an_empty_object_is_an_empty_config(bucket, services):
    with pytest.raises(UserError) as caught:
        load_config(message(bucket(b"")), services)
    assert caught.value.code.startswith("config.")


def test_a_config_that_is_too_large_is_not_read_whole(bucket, services):
    with pytest.raises(UserError) as caught:
        load_config(message(bucket(b"#" * 3_000_000)), services)
    assert caught.value.code.startswith("config.")


@pytest.mark.parametrize(
    ("key", "bucket_name"), [("deliveries/none.yaml", "configs"), ("deliveries/crm.yaml", "no-such-bucket")]
)
def test_a_config_that_is_not_there(bucket, services, config_text, key, bucket_name):
    bucket(config_text)
    asked = message(key=key)
    asked = asked.model_copy(update={"request": asked.request.model_copy(update={"bucket": bucket_name})})
    with pytest.raises(UserError) as caught:
        load_config(asked, services)
    assert caught.value.code == "config.not-found"


def test_a_config_in_a_bucket_that_lets_everybody_in_is_not_read(bucket, services, config_text, aws_account):
    aws_account("s3").create_bucket(Bucket="anybodys")
    aws_account("s3").put_object(Bucket="anybodys", Key="deliveries/crm.yaml", Body=config_text)
    asked = message()
    asked = asked.model_copy(update={"request": asked.request.model_copy(update={"bucket": "anybodys"})})
    with pytest.raises(UserError) as caught:
        load_config(asked, services)
    assert (caught.value.code, caught.value.place) == ("config.not-found", "s3://anybodys/deliveries/crm.yaml")
    assert services.documents.kept == {}


def test_a_request_for_another_sandbox_is_refused(bucket, services, config_text):
    with pytest.raises(UserError) as caught:
        load_config(message(bucket(config_text), sandbox="dev"), services)
    assert caught.value.code == "config.other-sandbox"


BASE = b"extends: all/company.base.yaml\n"
OVERLAY = b"""\
extends: crm.base.yaml
sandbox: dev
variables:
  bucket: warehouse-dev
"""


@pytest.fixture
def company(config_text):
    return config_text.replace(b"sandbox: prod\n", b"").replace(b"bucketName: warehouse", b"bucketName: ${bucket}")


def test_a_config_is_read_with_what_it_extends(bucket, services, company):
    bucket(company.replace(b"GZIP", b"NONE"), "deliveries/all/company.base.yaml")
    versions = {
        "deliveries/crm.yaml": bucket(OVERLAY),
        "deliveries/crm.base.yaml": bucket(BASE, "deliveries/crm.base.yaml"),
        "deliveries/all/company.base.yaml": bucket(company, "deliveries/all/company.base.yaml"),
    }
    bucket(OVERLAY.replace(b"dev", b"stage"))
    delivery = load_config(message(versions["deliveries/crm.yaml"]), services)
    assert delivery.delivery_id == "dev/nyc-flights"
    document = read_config(services.documents, delivery)
    assert document.delivery().destination.bucket_name == "warehouse-dev"
    assert document.delivery().destination.compression == "GZIP"
    assert document.source == "crm.yaml"
    assert {source.key: source.version for source in document.sources} == versions
    assert [source.name for source in document.sources] == ["crm.yaml", "crm.base.yaml", "all/company.base.yaml"]
    error = UserError("It ended.", code="schedule.ended", place="scheduleParams.interval")
    document.locate(error)
    assert error.place == "all/company.base.yaml:16:13: scheduleParams.interval"


def test_a_mistake_in_a_base_is_told_where_it_stands(bucket, services, company):
    bucket(company.replace(b"interval: 3", b"interval: 5"), "deliveries/all/company.base.yaml")
    bucket(BASE, "deliveries/crm.base.yaml")
    with pytest.raises(UserError) as caught:
        load_config(message(bucket(OVERLAY)), services)
    assert (caught.value.code, caught.value.place) == ("config.schedule-interval", "all/company.base.yaml:16:13")
    assert services.documents.kept == {}


def test_a_base_that_is_not_there(bucket, services):
    with pytest.raises(UserError) as caught:
        load_config(message(bucket(OVERLAY)), services)
    assert (caught.value.code, caught.value.place) == ("config.extends-not-found", "crm.yaml:1:10")


def test_a_base_that_is_too_large_is_not_read_whole(bucket, services, monkeypatch):
    read = []
    parse = compose.parse_source
    monkeypatch.setattr(compose, "parse_source", lambda text, name: read.append(len(text)) or parse(text, name))
    bucket(b"#" * 3_000_000, "deliveries/crm.base.yaml")
    with pytest.raises(UserError) as caught:
        load_config(message(bucket(OVERLAY)), services)
    assert caught.value.code == "config.too-large"
    assert read[1:] == [256 * 1024 + 1]


def test_a_config_without_a_base_keeps_where_it_came_from(bucket, services, config_text):
    version = bucket(config_text, "crm.yaml")
    document = read_config(services.documents, load_config(message(key="crm.yaml"), services))
    assert [(source.key, source.version) for source in document.sources] == [("crm.yaml", version)]
    assert document.files == {}


def test_a_config_that_is_in_order_is_told_to_be_on_its_way(bucket, services, config_text):
    version = bucket(config_text)
    delivery = load_config(message(version), services)
    (event,) = services.publisher.events
    told = event.detail
    assert (event.detail_type, told.delivery_id, told.sandbox) == ("Delivery Accepted", "prod/nyc-flights", "prod")
    assert (told.execution, told.trigger, told.bucket) == ("e-1", "upload", "configs")
    assert (told.key, told.version_id) == ("deliveries/crm.yaml", version)
    assert told.config == services.documents.uri(delivery.config)


def test_a_config_that_is_not_in_order_is_not_accepted(bucket, services, config_text):
    with pytest.raises(UserError):
        load_config(message(bucket(config_text.replace(b"bucketName", b"bucketNam"))), services)
    assert services.publisher.events == []


def test_where_a_config_lies_decides_on_its_sandbox_and_its_secret(bucket, services, config_text):
    allowed = {"allowed_sandboxes": "deliveries/prod/=prod"}
    services.settings = services.settings.model_copy(update=allowed)
    with pytest.raises(UserError) as caught:
        load_config(message(bucket(config_text, "deliveries/prod/crm.yaml"), key="deliveries/prod/crm.yaml"), services)
    assert caught.value.code == "sandbox.not-allowed-here"
    assert caught.value.place == "crm.yaml:8:13: destination.auth.secret"
    assert services.documents.kept == {}
    named = config_text.replace(b"secret://", b"secret://prod/")
    load_config(message(bucket(named, "deliveries/prod/crm.yaml"), key="deliveries/prod/crm.yaml"), services)
