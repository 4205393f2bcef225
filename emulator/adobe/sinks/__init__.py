"""Where Adobe's destinations keep their files: one module a storage, chosen by connection spec and auth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from importlib import import_module
from typing import Protocol, cast

from emulator.adobe.http import Json
from emulator.adobe.settings import AzureLandingZone, S3LandingZone, Settings
from emulator.adobe.sinks.base import Sink, SinkError

__all__ = ["Sink", "SinkError", "Sinks"]


class _Storage(StrEnum):
    """The modules of this package that hold a storage, and two that stand for a choice among them."""

    S3 = "s3"
    AZURE = "azure"
    SFTP = "sftp"
    LANDING_ZONE = "landing-zone"
    BY_AUTH = "by-auth"


_STORAGES: Mapping[str, _Storage] = {
    # The current generation.
    "4fce964d-3f37-408f-9778-e597338a21ee": _Storage.S3,
    "6d6b59bf-fb58-4107-9064-4d246c0e5bb2": _Storage.AZURE,  # Azure Blob Storage
    "be2c3209-53bc-47e7-ab25-145db8b873e1": _Storage.AZURE,  # Azure Data Lake Gen2
    "10440537-2a7b-4583-ac39-ed38d4b848e8": _Storage.LANDING_ZONE,
    "c5d93acb-ea8b-4b14-8f53-02138444ae99": _Storage.S3,  # Google Cloud Storage, by its S3-compatible API
    "36965a81-b1c6-401b-99f8-22508f1e6a26": _Storage.SFTP,
    # The first generation.
    "0b23e41a-cb4a-4321-a78f-3b654f5d7d97": _Storage.BY_AUTH,  # Adobe Campaign
    "4890fc95-5a1f-4983-94bb-e060c08e3f81": _Storage.S3,
    "e258278b-a4cf-43ac-b158-4fa0ca0d948b": _Storage.AZURE,
    "c1e44b6b-e7c8-404b-9031-58f0ef760604": _Storage.SFTP,  # Oracle Eloqua
    "a5e28ddf-e265-426e-83a1-9d03a3a6822b": _Storage.SFTP,  # Oracle Responsys
    "f599a5b3-60a7-4951-950a-cc4115c7ea27": _Storage.SFTP,  # Salesforce Marketing Cloud
    "64ef4b8b-a6e0-41b5-9677-3805d1ee5dd0": _Storage.SFTP,
}
_CAMPAIGN = {
    "S3": (_Storage.S3, "S3"),
    "Azure Blob": (_Storage.AZURE, "AZURE_BLOB"),
    "SFTP with Password": (_Storage.SFTP, "FTP"),
    "SFTP with SSH Key": (_Storage.SFTP, "FTP"),
}
"""What each auth of Adobe Campaign reaches, and the mode that a target connection must have with it."""


class _Module(Protocol):
    def open_sink(self, auth_spec_name: str, auth_params: Json, params: Json, settings: Settings) -> Sink: ...

    def accepts(self, auth_spec_name: str, auth_params: Json, settings: Settings) -> bool: ...


@dataclass(frozen=True)
class _Way:
    """How one destination is reached, for whichever module does it."""

    storage: _Storage
    auth_name: str
    auth_params: Json
    params: Json
    settings: Settings

    @property
    def module(self) -> _Module:
        # Imported when first used: most installations use one storage, and each brings a client of its own.
        return cast("_Module", import_module(f"{__name__}.{self.storage}"))


class Sinks:
    """Opens destinations with the credentials of their base connections."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def open(self, connection_spec_id: str, auth: Json, params: Json) -> Sink:
        """The place that a target connection's `params` name; nothing is written yet.

        Args:
            connection_spec_id: the destination's.
            auth: of the base connection, secrets included; empty for the Data Landing Zone.
            params: of the target connection.

        Raises:
            SinkError: the credentials are refused, or don't fit the destination or the target's mode.
        """
        way = self._way(connection_spec_id, auth, params)
        return way.module.open_sink(way.auth_name, way.auth_params, way.params, way.settings)

    def accepts(self, connection_spec_id: str, auth: Json) -> bool:
        """Whether the storage knows the credentials; true for what has none, such as a source."""
        if connection_spec_id not in _STORAGES:
            return True
        try:
            way = self._way(connection_spec_id, auth, {})
        except SinkError:
            return False
        return way.module.accepts(way.auth_name, way.auth_params, way.settings)

    def root(self, connection_spec_id: str, params: Json) -> str:
        """The folder below which a target connection's files lie, without a slash at either end; empty for none.

        It is `path` or `remotePath`, within the folder that Adobe has provisioned in a landing zone of the S3 form.
        """
        storage, zone = _STORAGES[connection_spec_id], self._settings.landing_zone
        places = [str(params.get("path", params.get("remotePath", "")))]
        if storage is _Storage.LANDING_ZONE and isinstance(zone, S3LandingZone):
            places.insert(0, zone.folder)
        elif storage is _Storage.SFTP and params["mode"] == "S3":
            # Adobe's tutorials print mode S3, with a bucket's name, for e-mail marketing destinations whose base
            # connection is an SFTP server, and don't say what becomes of the name. It is taken for a folder here.
            places.insert(0, str(params["bucketName"]))
        return "/".join(part for place in places for part in place.split("/") if part)

    def _way(self, connection_spec_id: str, auth: Json, params: Json) -> _Way:
        settings = self._settings
        storage = _STORAGES.get(connection_spec_id)
        name, secrets = str(auth.get("specName", "")), auth.get("params", {})
        match storage:
            case None:
                raise SinkError("The connection is not a destination")
            case _Storage.LANDING_ZONE:
                return _landing_zone(params, settings)
            case _Storage.BY_AUTH:
                return _campaign(name, secrets, params, settings)
            case _:
                return _Way(storage, name, secrets, params, settings)


def _landing_zone(params: Json, settings: Settings) -> _Way:
    """Adobe writes to its own storage with its own key; users get shorter-lived credentials for the same place."""
    match settings.landing_zone:
        case AzureLandingZone() as zone:
            secrets = {"connectionString": zone.connection_string}
            params = {**params, "container": zone.container}
            return _Way(_Storage.AZURE, "ConnectionString", secrets, params, settings)
        case S3LandingZone() as zone:
            secrets = {"s3AccessKey": zone.access_key, "s3SecretKey": zone.secret_key}
            params = {**params, "bucketName": zone.bucket}
            return _Way(_Storage.S3, "Access Key", secrets, params, replace(settings, s3_endpoint=zone.endpoint))
        case _:
            raise SinkError("No Data Landing Zone is provisioned for this organization")


def _campaign(name: str, secrets: Json, params: Json, settings: Settings) -> _Way:
    if name not in _CAMPAIGN:
        raise SinkError(f"Adobe Campaign cannot be reached with {name!r}")
    storage, mode = _CAMPAIGN[name]
    if params and params.get("mode") != mode:
        raise SinkError(f"The target's mode {params.get('mode')!r} does not fit a base connection with {name!r}")
    return _Way(storage, name, secrets, params, settings)
