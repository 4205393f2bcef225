from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from emulator.adobe import sinks, specs
from emulator.adobe.settings import AzureLandingZone, S3LandingZone, Settings
from emulator.adobe.sinks import SinkError, Sinks

S3 = "4fce964d-3f37-408f-9778-e597338a21ee"
LANDING_ZONE = "10440537-2a7b-4583-ac39-ed38d4b848e8"
CURRENT_SFTP = "36965a81-b1c6-401b-99f8-22508f1e6a26"
CAMPAIGN = "0b23e41a-cb4a-4321-a78f-3b654f5d7d97"
EMAIL_BY_SFTP = {
    "Oracle Eloqua": "c1e44b6b-e7c8-404b-9031-58f0ef760604",
    "Oracle Responsys": "a5e28ddf-e265-426e-83a1-9d03a3a6822b",
    "Salesforce Marketing Cloud": "f599a5b3-60a7-4951-950a-cc4115c7ea27",
}
AZURE_ZONE = AzureLandingZone("dlz", "zone", "https://127.0.0.1:1/dlz", "a2V5")
S3_ZONE = S3LandingZone("zone", "dlz-destination", "AKIAZONE", "zone-canary", "http://127.0.0.1:2")


class Storage:
    """Stands for every module of a storage and remembers which one was asked for what."""

    def __init__(self) -> None:
        self.module = ""
        self.asked: tuple[Any, ...] = ()

    def import_module(self, name: str) -> Storage:
        self.module = name.rpartition(".")[2]
        return self

    def open_sink(self, *asked: Any) -> Storage:
        self.asked = asked
        return self

    def accepts(self, *asked: Any) -> bool:
        self.asked = asked
        return True


@pytest.fixture
def storage(monkeypatch: pytest.MonkeyPatch) -> Storage:
    storage = Storage()
    monkeypatch.setattr(sinks, "import_module", storage.import_module)
    return storage


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(lake=tmp_path)


@pytest.mark.parametrize(
    ("spec", "auth"),
    [
        pytest.param(spec, auth["name"], id=f"{spec['attributes']['generation']} {spec['name']}, {auth['name']}")
        for spec in specs.load().connections.values()
        if "targetSpec" in spec
        for auth in spec["authSpec"] or [{"name": ""}]
    ],
)
def test_every_auth_of_every_destination_has_a_storage(
    storage: Storage, settings: Settings, spec: dict[str, Any], auth: str
) -> None:
    expected = {"S3": "S3", "Azure Blob": "AZURE_BLOB"}.get(auth, "FTP") if spec["id"] == CAMPAIGN else "any"
    ours = Sinks(replace(settings, landing_zone=AZURE_ZONE))
    secrets = {"specName": auth, "params": {"a": "secret"}} if auth else {}
    assert ours.open(spec["id"], secrets, {"mode": expected}) is storage
    assert ours.accepts(spec["id"], secrets)
    words = f"{spec['name']} {auth}"
    wanted = "azure" if "Azure" in words or "Landing" in words else "sftp" if "sftp" in words.lower() else "s3"
    assert storage.module == wanted
    assert storage.asked[:2] == (
        ("ConnectionString", storage.asked[1]) if "Landing" in words else (auth, {"a": "secret"})
    )


def test_what_is_no_destination_has_nothing_to_test_and_nothing_to_open(storage: Storage, settings: Settings) -> None:
    assert Sinks(settings).accepts(specs.PROFILE_STORE, {})
    assert storage.asked == ()
    with pytest.raises(SinkError, match="not a destination"):
        Sinks(settings).open(specs.PROFILE_STORE, {}, {})


@pytest.mark.parametrize(
    ("auth", "mode", "module"),
    [
        ("S3", "S3", "s3"),
        ("Azure Blob", "AZURE_BLOB", "azure"),
        ("SFTP with Password", "FTP", "sftp"),
        ("SFTP with SSH Key", "FTP", "sftp"),
    ],
)
def test_campaigns_mode_must_match_the_kind_of_auth(
    storage: Storage, settings: Settings, auth: str, mode: str, module: str
) -> None:
    for other in {"S3", "AZURE_BLOB", "FTP"} - {mode}:
        with pytest.raises(SinkError, match="does not fit"):
            Sinks(settings).open(CAMPAIGN, {"specName": auth, "params": {}}, {"mode": other})
    Sinks(settings).open(CAMPAIGN, {"specName": auth, "params": {}}, {"mode": mode})
    assert storage.module == module
    with pytest.raises(SinkError, match="cannot be reached"):
        Sinks(settings).open(CAMPAIGN, {"specName": "Access Key", "params": {}}, {"mode": "S3"})


def test_adobe_writes_to_an_azure_landing_zone_with_its_own_key(storage: Storage, settings: Settings) -> None:
    ours = Sinks(replace(settings, landing_zone=AZURE_ZONE))
    ours.open(LANDING_ZONE, {}, {"mode": "Server-to-server", "path": "a/b/"})
    auth, secrets, params, _ = storage.asked
    assert (storage.module, auth, params["container"]) == ("azure", "ConnectionString", "zone")
    assert secrets["connectionString"] == (
        "DefaultEndpointsProtocol=https;AccountName=dlz;AccountKey=a2V5;BlobEndpoint=https://127.0.0.1:1/dlz;"
    )
    assert ours.root(LANDING_ZONE, params) == "a/b"


def test_in_an_s3_landing_zone_everything_lies_in_the_provisioned_folder(storage: Storage, settings: Settings) -> None:
    ours = Sinks(replace(settings, landing_zone=S3_ZONE))
    ours.open(LANDING_ZONE, {}, {"path": "/a"})
    auth, secrets, params, used = storage.asked
    assert (storage.module, auth, params["bucketName"]) == ("s3", "Access Key", "zone")
    assert secrets == {"s3AccessKey": "AKIAZONE", "s3SecretKey": "zone-canary"}
    assert used.s3_endpoint == "http://127.0.0.1:2"
    assert ours.root(LANDING_ZONE, params) == "dlz-destination/a"


def test_an_organization_without_a_landing_zone_cannot_use_one(settings: Settings) -> None:
    assert not Sinks(settings).accepts(LANDING_ZONE, {})
    with pytest.raises(SinkError, match="No Data Landing Zone"):
        Sinks(settings).open(LANDING_ZONE, {}, {})


@pytest.mark.parametrize("spec_id", EMAIL_BY_SFTP.values(), ids=EMAIL_BY_SFTP)
def test_mode_s3_on_an_sftp_server_makes_the_bucket_a_folder(settings: Settings, spec_id: str) -> None:
    by_s3 = {"mode": "S3", "bucketName": "bucket", "path": "a/b"}
    assert Sinks(settings).root(spec_id, by_s3) == "bucket/a/b"
    assert Sinks(settings).root(spec_id, {"mode": "FTP", "remotePath": "/c/d/"}) == "c/d"


def test_the_root_is_the_path_within_the_bucket_or_the_login_directory(settings: Settings) -> None:
    assert Sinks(settings).root(S3, {"mode": "Server-to-server", "bucketName": "b", "path": "/a//b/"}) == "a/b"
    assert Sinks(settings).root(CURRENT_SFTP, {"mode": "Server-to-server", "remotePath": "/"}) == ""


def test_no_secret_shows_in_settings(settings: Settings) -> None:
    shown = repr(replace(settings, landing_zone=S3_ZONE, adobe_secret_key="canary"))
    shown += repr(AZURE_ZONE)
    assert "canary" not in shown
    assert "a2V5" not in shown
