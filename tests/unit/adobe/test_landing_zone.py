from __future__ import annotations

from datetime import UTC, datetime

import httpx
import pytest

from aep_delivery.adobe.errors import AdobeInternalError
from aep_delivery.adobe.landing_zone import AzureLandingZone, S3LandingZone, landing_zone_credentials
from aep_delivery.adobe.transport import AdobeTransport
from tests.unit.adobe.scripted import ScriptedAdobe

CANARY = "canary-sig%3Dabc"
AZURE = {
    "containerName": "dlz-destination",
    "SASToken": f"sv=2020&{CANARY}",
    "storageAccountName": "dlblobstore",
    "SASUri": f"https://dlblobstore.blob.core.windows.net/dlz-destination?sv=2020&{CANARY}",
}
S3 = {
    "credentials": {"awsAccessKeyId": "ASIA", "awsSecretAccessKey": CANARY, "awsSessionToken": f"t-{CANARY}"},
    "dlzPath": {"bucketName": "dlz-bucket", "dlzFolder": "dlz-destination"},
    "dlzProvider": "Amazon S3",
    "expiryTime": 1734494017,
}


def test_azure(transport: AdobeTransport, adobe: ScriptedAdobe) -> None:
    adobe.script = [httpx.Response(200, json=AZURE)]

    zone = landing_zone_credentials(transport)

    assert isinstance(zone, AzureLandingZone)
    assert (zone.container_name, zone.account_name) == ("dlz-destination", "dlblobstore")
    assert zone.sas_uri.get_secret_value() == AZURE["SASUri"]
    assert zone.sas_token.get_secret_value() == AZURE["SASToken"]
    assert CANARY not in f"{zone!r} {zone.model_dump_json()}"
    assert adobe.calls[0].method == "GET"
    assert str(adobe.calls[0].url).endswith("/landingzone/credentials?type=dlz_destination")


def test_amazon_s3(transport: AdobeTransport, adobe: ScriptedAdobe) -> None:
    adobe.script = [httpx.Response(200, json=S3)]

    zone = landing_zone_credentials(transport)

    assert isinstance(zone, S3LandingZone)
    assert (zone.bucket_name, zone.folder) == ("dlz-bucket", "dlz-destination")
    assert zone.access_key_id.get_secret_value() == "ASIA"
    assert zone.secret_access_key.get_secret_value() == CANARY
    assert zone.session_token.get_secret_value() == f"t-{CANARY}"
    assert zone.expires_at == datetime(2024, 12, 18, 3, 53, 37, tzinfo=UTC)
    assert CANARY not in f"{zone!r} {zone.model_dump_json()}"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"secret": CANARY}, "neither credentials"),
        ({**AZURE, "containerName": None}, "no containerName"),
        ({**S3, "dlzPath": {"bucketName": "b"}}, "no dlzFolder"),
        ({**S3, "dlzPath": CANARY}, "neither credentials"),
    ],
)
def test_another_answer_is_refused_and_not_quoted(
    transport: AdobeTransport, adobe: ScriptedAdobe, answer: object, said: str
) -> None:
    adobe.script = [httpx.Response(200, json=answer)]

    with pytest.raises(AdobeInternalError, match=said) as caught:
        landing_zone_credentials(transport)

    assert CANARY not in f"{caught.value} {caught.value.problem!r} {caught.value.details}"


@pytest.mark.parametrize("expiry", [10**30, -(10**30), 1e308])
def test_an_expiry_that_no_calendar_has_is_told(transport: AdobeTransport, adobe: ScriptedAdobe, expiry: float) -> None:
    adobe.script = [httpx.Response(200, json={**S3, "expiryTime": expiry})]

    with pytest.raises(AdobeInternalError, match="expiryTime that is none"):
        landing_zone_credentials(transport)
