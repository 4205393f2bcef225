"""What the emulator is started with. Every default is a documented one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time
from pathlib import Path
from typing import TypedDict

DEFAULT_CLIENT_ID = "emulated-client-id"
DEFAULT_CLIENT_SECRET = "p8e-emulated-client-secret"  # noqa: S105  a documented default of a local stand-in
DEFAULT_ORG = "0123456789ABCDEF01234567@AdobeOrg"
DEFAULT_SANDBOXES = ("prod", "dev")
DEFAULT_SCOPES = (
    "openid",
    "AdobeID",
    "read_organizations",
    "additional_info.projectedProductContext",
    "session",
)


@dataclass(frozen=True)
class AzureLandingZone:
    """A Data Landing Zone of the Azure form.

    Attributes:
        account: the storage account's name.
        container: the container that stands for the sandbox's zone; it must exist.
        endpoint: URL of the account's blob service, which for a local stand-in ends with the account's name.
        account_key: base64, Adobe's own: users only get signatures made with it.
    """

    account: str
    container: str
    endpoint: str
    account_key: str = field(repr=False)

    @property
    def connection_string(self) -> str:
        scheme = self.endpoint.partition(":")[0]
        return (
            f"DefaultEndpointsProtocol={scheme};AccountName={self.account};AccountKey={self.account_key};"
            f"BlobEndpoint={self.endpoint};"
        )


@dataclass(frozen=True)
class S3LandingZone:
    """A Data Landing Zone of the S3 form.

    Attributes:
        bucket: it must exist.
        folder: the part of it that is the zone.
        access_key: of a user of Adobe's own, who may write there, hand out federated sessions, and change their
            own policies, which is how earlier sessions are ended.
        secret_key: the other half.
        endpoint: where S3 and STS are found; None for AWS itself.
    """

    bucket: str
    folder: str
    access_key: str
    secret_key: str = field(repr=False)
    endpoint: str | None = None


@dataclass(frozen=True)
class Settings:
    """Settings of one emulated Adobe. Durations are emulated seconds."""

    lake: Path
    host: str = "127.0.0.1"
    port: int = 0
    client_id: str = DEFAULT_CLIENT_ID
    client_secrets: tuple[str, ...] = (DEFAULT_CLIENT_SECRET,)
    org: str = DEFAULT_ORG
    org_name: str = "Emulated Organization"
    sandboxes: tuple[str, ...] = DEFAULT_SANDBOXES
    scopes: tuple[str, ...] = DEFAULT_SCOPES
    s3_endpoint: str | None = None
    """Where the exporter finds S3; None leaves it to ``AWS_ENDPOINT_URL_S3`` and AWS itself."""
    s3_region: str = "us-east-1"
    gcs_endpoint: str | None = None
    """Where Google Cloud Storage's S3-compatible API is found; None for that of S3, and with neither, Google itself."""
    adobe_access_key: str | None = None
    """The access key of Adobe's own AWS account, with which it assumes its customers' roles."""
    adobe_secret_key: str | None = field(default=None, repr=False)
    sftp_port: int = 22
    """The port of SFTP servers whose base connection has none."""
    azure_ca: Path | None = None
    """Certificates that a local Azure is trusted by; None for the usual ones."""
    azure_authority: str | None = None
    """What stands in the place of https://login.microsoftonline.com."""
    landing_zone: AzureLandingZone | S3LandingZone | None = None
    speed: float = 1.0
    start: datetime | None = None
    token_lifetime: int = 86399
    adhoc_ready_after: float = 300.0
    settle_after: float = 2.0
    """When after a write the service changes an entity's ETag by itself, and how long an asynchronous change takes."""
    rows_per_part: int = 100_000
    rows_per_file: int = 5_000_000
    """Where the file of an audience is split."""
    segmentation_time: time = time(0)
    """When the daily batch segmentation job runs, in UTC."""
    adhoc_audience_ready_after: float = 3600.0
    """How long after its activation an audience takes no ad-hoc run."""
    activation_lead: float = 0.0
    """How long after its activation an audience's slots are missed; with Adobe it is up to an hour."""
    audience_matures_after: float = 0.0
    """How old an audience must be to be exported by schedule; with Adobe it is a day."""
    vary: bool = True
    """Whether answers take turns among the forms Adobe's sources disagree on."""

    def __post_init__(self) -> None:
        if not self.lake.is_dir():
            raise ValueError(f"the data lake {self.lake} is not a directory")
        if not self.sandboxes or not all(self.sandboxes):
            raise ValueError("at least one sandbox is needed")
        if not self.org.endswith("@AdobeOrg"):
            raise ValueError(f"an organisation's id ends with @AdobeOrg, not {self.org!r}")
        if self.rows_per_part < 1 or self.rows_per_file < 1:
            raise ValueError("rows_per_part and rows_per_file must be at least 1")


class Options(TypedDict, total=False):
    """The settings besides the lake, as keywords."""

    host: str
    port: int
    client_id: str
    client_secrets: tuple[str, ...]
    org: str
    org_name: str
    sandboxes: tuple[str, ...]
    scopes: tuple[str, ...]
    s3_endpoint: str | None
    s3_region: str
    gcs_endpoint: str | None
    adobe_access_key: str | None
    adobe_secret_key: str | None
    sftp_port: int
    azure_ca: Path | None
    azure_authority: str | None
    landing_zone: AzureLandingZone | S3LandingZone | None
    speed: float
    start: datetime | None
    token_lifetime: int
    adhoc_ready_after: float
    settle_after: float
    rows_per_part: int
    rows_per_file: int
    segmentation_time: time
    adhoc_audience_ready_after: float
    activation_lead: float
    audience_matures_after: float
    vary: bool
