"""Opens the storage that files are delivered to, for reading back and, where somebody asks for it, for deleting.

Each kind of storage is imported when it is first opened: a delivery to S3 loads neither Azure's client nor SSH.
"""
# ruff: noqa: PLC0415 - the imports below are inside on purpose

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aep_delivery.adobe.catalogue import Storage, load_catalogue
from aep_delivery.config.models import DeliveryConfig
from aep_delivery.runtime.aws import aws_client
from aep_delivery.runtime.errors import UserError
from aep_delivery.runtime.settings import Settings
from aep_delivery.storage.below import FolderCleaner, FolderReader
from aep_delivery.storage.cleaner import StorageCleaner
from aep_delivery.storage.reader import StorageReader
from aep_delivery.workflow.destination_access import DestinationAccess

if TYPE_CHECKING:
    from azure.storage.blob import ContainerClient
    from mypy_boto3_s3 import S3Client

    from aep_delivery.adobe.landing_zone import LandingZone

DEFAULT_SFTP_PORT = 22


@dataclass(frozen=True)
class Place:
    """Where in a storage a destination writes.

    Attributes:
        storage: What kind of storage it is.
        root: The bucket or container; empty where the credentials say it.
        folder: The folder below the root, without slashes around it. Macros of audiences are still in it.
    """

    storage: Storage
    root: str
    folder: str

    @classmethod
    def of(cls, config: DeliveryConfig) -> Place:
        """The place a config names."""
        destination = config.destination
        params = destination.model_dump(by_alias=True)
        row = load_catalogue().destination(destination.type)
        root = params.get("bucketName") or params.get("container") or ""
        folder = (params.get("path") or params.get("remotePath") or "").strip("/")
        # Most have a single mode; of the others the config's model knows it.
        storage = row.storage_for(getattr(destination, "effective_mode", None) or next(iter(row.storage)))
        if storage == "s3" and destination.auth is not None and destination.auth.type.startswith("sftp-"):
            # Adobe's tutorials pair mode S3 with SFTP credentials, with which nothing but SFTP can be written.
            return cls("sftp", "", f"{root}/{folder}".strip("/"))
        return cls(storage, root, folder)

    @property
    def location(self) -> str:
        """The root for a person: ``s3://bucket``."""
        schemes = {"s3": "s3", "gcs": "gs", "azure": "azure", "adls": "abfss"}
        if self.storage in schemes and self.root:
            return f"{schemes[self.storage]}://{self.root}"
        return {"adls": "adls:", "landing-zone": "landing-zone:", "sftp": "sftp:"}.get(self.storage, self.storage)


@dataclass(frozen=True)
class DestinationStorage:
    """The storage of one delivery, opened with the credentials that Adobe writes with.

    Attributes:
        reader: Opens it for reading back.
        cleaner: Opens it for deleting. Only for who was asked to.
    """

    reader: Callable[[], StorageReader]
    cleaner: Callable[[], StorageCleaner]


def destination_storage(
    config: DeliveryConfig,
    access: DestinationAccess | None,
    settings: Settings,
    landing_zone: Callable[[], LandingZone],
) -> DestinationStorage:
    """Find out where a delivery's files go; nothing is asked yet, but for a landing zone's credentials.

    Args:
        config: The delivery.
        access: The destination's credentials; None where Adobe, or the function's own role, has them.
        settings: For endpoints, which configs never name.
        landing_zone: Asks Adobe for the landing zone's credentials.

    Raises:
        UserError: The credentials are none of this storage's, or lead to a place that is refused.
    """
    place = Place.of(config)
    match place.storage:
        case "s3":
            return _s3(_s3_client_of(access), place.root)
        case "gcs":
            return _s3(_google_client(_needed(access), settings.google_storage_url), place.root)
        case "azure" | "adls":
            return _azure(_container(place, _needed(access), settings))
        case "sftp":
            absolute = str(getattr(config.destination, "remote_path", None) or "").startswith("/")
            return _sftp(_needed(access), settings, absolute=absolute)
        case "landing-zone":
            return _landing_zone(landing_zone(), settings)


def _needed(access: DestinationAccess | None) -> DestinationAccess:
    if access is None or not access.params:
        raise UserError(
            "There is no secret to read the destination with.",
            code="destination.secret-missing",
            place="destination.auth.secret",
            hint="Add `secret: secret://` and the name of a secret of the form Adobe's own authentication has.",
        )
    return access


def _s3(client: S3Client, bucket: str) -> DestinationStorage:
    def reader() -> StorageReader:
        from aep_delivery.storage.s3 import S3Reader
        from aep_delivery.storage.s3_direct import DirectReads

        return S3Reader(client, bucket, direct=DirectReads(client, bucket))

    def cleaner() -> StorageCleaner:
        from aep_delivery.storage.s3_cleaner import S3Cleaner

        return S3Cleaner(client, bucket)

    return DestinationStorage(reader, cleaner)


def _s3_client_of(access: DestinationAccess | None) -> S3Client:
    from aep_delivery.storage.s3_client import s3_client

    if access is None or not access.params:
        own: S3Client = aws_client("s3")
        return own
    key, secret = access.one_of("s3AccessKey", "accessId"), access.one_of("s3SecretKey", "secretKey")
    return s3_client(key.get_secret_value(), secret, region=None)


def _google_client(access: DestinationAccess, endpoint: str) -> S3Client:
    from aep_delivery.storage.s3_client import s3_client

    key = access.one_of("accessKeyId").get_secret_value()
    return s3_client(key, access.one_of("secretAccessKey"), region=None, endpoint_url=endpoint)


def _azure(container: ContainerClient) -> DestinationStorage:
    def reader() -> StorageReader:
        from aep_delivery.storage.azure import AzureReader

        return AzureReader(container)

    def cleaner() -> StorageCleaner:
        from aep_delivery.storage.azure_cleaner import AzureCleaner

        return AzureCleaner(container)

    return DestinationStorage(reader, cleaner)


def _container(place: Place, access: DestinationAccess, settings: Settings) -> ContainerClient:
    from aep_delivery.storage.azure_client import container_by_connection_string, container_by_service_principal

    if place.storage == "azure":
        return container_by_connection_string(
            access.one_of("connectionString"), place.root, allow_loopback=settings.allow_loopback_http
        )
    return container_by_service_principal(
        access.one_of("url").get_secret_value(),
        tenant=access.one_of("tenant").get_secret_value(),
        client_id=access.one_of("servicePrincipalId").get_secret_value(),
        client_secret=access.one_of("servicePrincipalKey"),
        authority=settings.azure_authority_url or None,
        allow_loopback=settings.allow_loopback_http,
    )


def _sftp(access: DestinationAccess, settings: Settings, *, absolute: bool) -> DestinationStorage:
    from aep_delivery.storage.sftp_client import SftpAccess, sftp_cleaner, sftp_reader

    params = access.params
    port = params.get("port")
    host_key = params.get("hostKey")
    login = SftpAccess(
        # The first generation has both names for the same server.
        host=access.one_of("domain", "host").get_secret_value(),
        port=int(port.get_secret_value()) if port else DEFAULT_SFTP_PORT,
        username=access.one_of("username").get_secret_value(),
        password=params.get("password"),
        ssh_key=params.get("sshKey"),
        host_key=host_key.get_secret_value() if host_key else None,
        allow_loopback=settings.allow_loopback_http,
        absolute=absolute,
    )
    return DestinationStorage(lambda: sftp_reader(login), lambda: sftp_cleaner(login))


def _landing_zone(zone: LandingZone, settings: Settings) -> DestinationStorage:
    from aep_delivery.adobe.landing_zone import AzureLandingZone

    if isinstance(zone, AzureLandingZone):
        from aep_delivery.storage.azure_client import container_by_sas

        return _azure(container_by_sas(zone.sas_uri, allow_loopback=settings.allow_loopback_http))
    from aep_delivery.storage.s3_client import s3_client

    client = s3_client(
        zone.access_key_id.get_secret_value(), zone.secret_access_key, region=None, session_token=zone.session_token
    )
    whole = _s3(client, zone.bucket_name)
    # What a config calls its path lies in the folder that Adobe has provisioned.
    return DestinationStorage(
        lambda: FolderReader(whole.reader(), zone.folder), lambda: FolderCleaner(whole.cleaner(), zone.folder)
    )
