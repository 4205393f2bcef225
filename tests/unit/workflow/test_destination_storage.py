"""Which storage a destination means, and what is refused before it is opened."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from aep_delivery.adobe.landing_zone import AzureLandingZone, S3LandingZone
from aep_delivery.config.load import load_config
from aep_delivery.config.models import DeliveryConfig
from aep_delivery.runtime.errors import UserError
from aep_delivery.runtime.settings import Settings
from aep_delivery.storage.below import FolderReader
from aep_delivery.storage.s3 import S3Reader
from aep_delivery.workflow.destination_access import DestinationAccess
from aep_delivery.workflow.destination_storage import Place, destination_storage

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
SETTINGS = Settings(owner="stack", state_table="state", work_bucket="work")


def example(name: str, *changes: tuple[str, str]) -> DeliveryConfig:
    text = (EXAMPLES / f"{name}.yaml").read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return load_config(text.encode(), f"{name}.yaml")


def no_zone() -> AzureLandingZone:
    raise AssertionError("nobody asks for the landing zone")


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("amazon-s3-datasets", Place("s3", "my-bucket", "exports/flights")),
        ("amazon-s3-audiences", Place("s3", "crm-exports", "adobe/audiences/%SEGMENT_NAME%")),
        ("azure-blob-datasets", Place("azure", "exports", "adobe/datasets")),
        ("adls-gen2-datasets", Place("adls", "", "adobe/datasets")),
        ("data-landing-zone-datasets", Place("landing-zone", "", "adobe/datasets")),
        ("google-cloud-storage-datasets", Place("gcs", "crm-exports", "adobe/datasets")),
        ("sftp-datasets", Place("sftp", "", "adobe/datasets")),
        ("adobe-campaign", Place("sftp", "", "import/adobe")),
        ("azure-blob-first-generation", Place("azure", "exports", "adobe/first-generation")),
    ],
)
def test_an_example_names_its_place(name: str, place: Place) -> None:
    assert Place.of(example(name)) == place


def test_mode_s3_with_sftp_credentials_is_a_folder_on_the_server() -> None:
    config = example("oracle-eloqua", ("remotePath: import/adobe", "mode: S3\n  bucketName: my-bucket\n  path: crm"))
    assert Place.of(config) == Place("sftp", "", "my-bucket/crm")


def test_adobe_campaign_is_where_its_credentials_are() -> None:
    for auth, place, wanted in (
        ("access-key", "bucketName: my-bucket\n  path: crm", Place("s3", "my-bucket", "crm")),
        ("connection-string", "container: exports\n  path: crm", Place("azure", "exports", "crm")),
    ):
        config = example(
            "adobe-campaign", ("type: sftp-password ", f"type: {auth} "), ("remotePath: import/adobe", place)
        )
        assert Place.of(config) == wanted


def test_a_storage_without_a_secret_is_not_read() -> None:
    with pytest.raises(UserError) as caught:
        destination_storage(example("sftp-datasets"), None, SETTINGS, no_zone)
    assert caught.value.document().code == "destination.secret-missing"


def test_a_landing_zone_in_amazon_is_a_folder() -> None:
    keys = {"access_key_id": "ASIA", "secret_access_key": "canary", "session_token": "canary"}
    zone = S3LandingZone(bucket_name="zone", folder="dlz", **{name: SecretStr(value) for name, value in keys.items()})
    storage = destination_storage(example("data-landing-zone-datasets"), None, SETTINGS, lambda: zone)
    assert isinstance(storage.reader(), FolderReader)


@pytest.mark.parametrize(
    "url", ["https://evil.example.com/c?sig=canary", "http://account.blob.core.windows.net/c?sig=canary"]
)
def test_a_landing_zone_elsewhere_than_in_azure_is_refused(url: str) -> None:
    zone = AzureLandingZone(
        container_name="c", account_name="a", sas_token=SecretStr("sig=canary"), sas_uri=SecretStr(url)
    )
    with pytest.raises(UserError) as caught:
        destination_storage(example("data-landing-zone-datasets"), None, SETTINGS, lambda: zone)
    assert caught.value.document().code == "destination.endpoint-refused"
    assert "canary" not in caught.value.document().model_dump_json()


def test_an_access_key_of_adobe_campaign_opens_the_bucket() -> None:
    config = example(
        "adobe-campaign",
        ("type: sftp-password ", "type: access-key "),
        ("remotePath: import/adobe", "bucketName: my-bucket\n  path: crm"),
    )
    params = {"accessId": SecretStr("AKIAIOSFODNN7EXAMPLE"), "secretKey": SecretStr("canary")}
    access = DestinationAccess(spec_name="S3", sent=params, params=params, version="1")
    storage = destination_storage(config, access, SETTINGS, no_zone)
    assert isinstance(storage.reader(), S3Reader)
