"""Audiences exported to every first-generation destination, by every credential and mode, to real servers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from emulator.storage.azure import Azure, start_azure
from emulator.storage.node import AzuriteUnavailableError
from emulator.storage.sftp import SftpServer, as_adobe_takes_it, start_sftp

from .activation import (
    ATTRIBUTES,
    GOLD,
    HOUR,
    SELECTORS,
    UPS_TO_CAMPAIGN,
    add,
    attribute,
    files,
    first_generation_flow,
    full,
    patch,
    write_profiles,
)
from .conftest import ACCESS_KEY, BUCKET, SECRET_KEY, Adobe, body

CAMPAIGN = "0b23e41a-cb4a-4321-a78f-3b654f5d7d97"
EMAIL_MARKETING = {
    "campaign": (CAMPAIGN, UPS_TO_CAMPAIGN["id"]),
    "eloqua": ("c1e44b6b-e7c8-404b-9031-58f0ef760604", UPS_TO_CAMPAIGN["id"]),
    "responsys": ("a5e28ddf-e265-426e-83a1-9d03a3a6822b", "51d675ce-e270-408d-91fc-22717bdf2148"),
    "salesforce": ("f599a5b3-60a7-4951-950a-cc4115c7ea27", "493b2bd6-26e4-4167-ab3b-5e910bba44f0"),
}
EXPECTED = "personalEmail.address\np1@example.com\np2@example.com\np3@example.com\n"


@pytest.fixture(scope="module")
def azure() -> Iterator[Azure]:
    with ExitStack() as stack:
        try:
            azure = stack.enter_context(start_azure())
        except AzuriteUnavailableError as error:
            pytest.skip(str(error))
        azure.create_container(BUCKET)
        yield azure


@pytest.fixture(scope="module")
def sftp() -> Iterator[SftpServer]:
    with start_sftp() as sftp:
        yield sftp


def deliver(adobe: Adobe, spec_id: str, flow_spec: str, auth: dict[str, Any], **params: Any) -> dict[str, Any]:
    """Activate one audience as the tutorials do, and wait for its export."""
    write_profiles(adobe.lake)
    spec, wanted = {"id": spec_id, "version": "1.0"}, {"id": flow_spec, "version": "1.0"}
    flow = first_generation_flow(adobe, spec=spec, auth=auth, flow_spec=wanted, **params)
    selected = add(f"{SELECTORS}/-", full()), add(f"{ATTRIBUTES}/-", attribute("personalEmail.address"))
    assert patch(adobe, flow, *selected).status_code == 200
    adobe.advance(2 * HOUR)
    (run,) = adobe.finished_runs(flow)
    assert run["metrics"]["statusSummary"]["status"] == "success", run["metrics"]["statusSummary"]
    return run


def by_password(sftp: SftpServer, user: str) -> dict[str, Any]:
    params = {"domain": sftp.host, "host": sftp.host, "username": user, "password": sftp.add_user(user)}
    return {"specName": "SFTP with Password", "params": params}


def by_key(sftp: SftpServer, user: str) -> dict[str, Any]:
    key = as_adobe_takes_it(sftp.add_key_user(user))
    params = {"domain": sftp.host, "host": sftp.host, "username": user, "sshKey": key}
    return {"specName": "SFTP with SSH Key", "params": params}


def only_file(folder: Path) -> Path:
    (found,) = [path for path in folder.rglob("*") if path.is_file()]
    return found


@pytest.mark.parametrize("credentials", [by_password, by_key])
@pytest.mark.parametrize("name", EMAIL_MARKETING)
def test_email_marketing_by_sftp(
    name: str,
    credentials: Callable[[SftpServer, str], dict[str, Any]],
    sftp: SftpServer,
    start_adobe: Callable[..., Adobe],
) -> None:
    user = f"{name}-{credentials.__name__}"
    auth = credentials(sftp, user)
    adobe = start_adobe(sftp_port=sftp.port)
    deliver(adobe, *EMAIL_MARKETING[name], auth, mode="FTP", remotePath="/audiences/gold")
    found = only_file(sftp.folder(user))
    assert found.parent == sftp.folder(user) / "audiences" / "gold"
    assert GOLD in found.name
    assert found.read_text() == EXPECTED


@pytest.mark.parametrize("name", ["eloqua", "responsys", "salesforce"])
def test_email_marketing_by_sftp_in_the_mode_of_the_tutorials_samples(
    name: str, sftp: SftpServer, start_adobe: Callable[..., Adobe]
) -> None:
    user = f"{name}-mode"
    auth = by_password(sftp, user)
    adobe = start_adobe(sftp_port=sftp.port)
    deliver(adobe, *EMAIL_MARKETING[name], auth, mode="S3", bucketName="bucket", path="audiences")
    assert only_file(sftp.folder(user)).parent == sftp.folder(user) / "bucket" / "audiences"


def test_sftp_as_in_the_tutorial(sftp: SftpServer, start_adobe: Callable[..., Adobe]) -> None:
    params = {"host": sftp.host, "username": "plain", "password": sftp.add_user("plain")}
    auth = {"specName": "Basic Authentication for sftp", "params": params}
    adobe = start_adobe(sftp_port=sftp.port)
    spec_id = "64ef4b8b-a6e0-41b5-9677-3805d1ee5dd0"
    deliver(adobe, spec_id, UPS_TO_CAMPAIGN["id"], auth, mode="FTP", remotePath="audiences")
    assert only_file(sftp.folder("plain")).read_text() == EXPECTED


def test_campaign_by_amazon_s3(adobe: Adobe, s3: Any) -> None:
    auth = {"specName": "S3", "params": {"accessId": ACCESS_KEY, "secretKey": SECRET_KEY}}
    deliver(adobe, *EMAIL_MARKETING["campaign"], auth, mode="S3", bucketName=BUCKET, path="audiences")
    (key,) = files(s3)
    assert key.startswith("audiences/Adobe-Campaign_")
    assert body(s3, key).decode() == EXPECTED


@pytest.mark.parametrize(
    ("spec_id", "auth_name"),
    [(CAMPAIGN, "Azure Blob"), ("e258278b-a4cf-43ac-b158-4fa0ca0d948b", "ConnectionString")],
)
def test_azure_blob(spec_id: str, auth_name: str, azure: Azure, start_adobe: Callable[..., Adobe]) -> None:
    auth = {"specName": auth_name, "params": {"connectionString": azure.connection_string}}
    adobe = start_adobe(azure_ca=azure.ca_file)
    run = deliver(
        adobe, spec_id, UPS_TO_CAMPAIGN["id"], auth, mode="AZURE_BLOB", container=BUCKET, path=f"audiences/{spec_id}"
    )
    container = azure.client.get_container_client(BUCKET)
    (name,) = container.list_blob_names(name_starts_with=f"audiences/{spec_id}/")
    content = container.download_blob(name).readall()
    assert content.decode() == EXPECTED
    assert run["metrics"]["sizeSummary"]["outputBytes"] == len(content)
