from __future__ import annotations

import pytest
from pydantic import SecretStr

from aep_delivery.runtime.errors import UserError
from aep_delivery.storage.azure_cleaner import AzureCleaner
from aep_delivery.storage.azure_client import container_by_sas
from emulator.storage.azure import Azure
from tests.azure_server import azure, container

__all__ = ["azure", "container"]


def test_deletes_and_counts_also_what_is_gone_already(
    azure: Azure, container: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aep_delivery.storage.azure_cleaner._BATCH", 2)
    inside = azure.client.get_container_client(container)
    keys = [f"ä b/{number}" for number in range(5)]
    for key in [*keys, "other"]:
        inside.upload_blob(key, b"x")
    with container_by_sas(SecretStr(azure.sas_url(container, permissions="d")), allow_loopback=True) as client:
        assert AzureCleaner(client).delete_objects([*keys, "gone"]) == 6
        assert AzureCleaner(client).delete_objects([]) == 0
    assert [found.name for found in inside.list_blobs()] == ["other"]


def test_what_may_not_be_deleted_stays_and_is_told(azure: Azure, container: str) -> None:
    inside = azure.client.get_container_client(container)
    inside.upload_blob("k", b"x")
    url = azure.sas_url(container, permissions="rl")
    with container_by_sas(SecretStr(url), allow_loopback=True) as client, pytest.raises(UserError) as caught:
        AzureCleaner(client).delete_objects(["k"])
    assert caught.value.code == "storage.not-deleted"
    assert "1 of 1" in caught.value.message
    assert "delete (d)" in (caught.value.hint or "")
    assert (caught.value.place or "").endswith(f"/{container}/k")
    assert url.partition("sig=")[2] not in str(caught.value.document())
    assert [found.name for found in inside.list_blobs()] == ["k"]
