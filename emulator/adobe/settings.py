"""What the emulator is started with. Every default is a documented one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
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
    speed: float = 1.0
    start: datetime | None = None
    token_lifetime: int = 86399
    adhoc_ready_after: float = 300.0
    settle_after: float = 2.0
    """When after a write the service changes an entity's ETag by itself, and how long an asynchronous change takes."""
    rows_per_part: int = 100_000
    vary: bool = True
    """Whether answers take turns among the forms Adobe's sources disagree on."""

    def __post_init__(self) -> None:
        if not self.lake.is_dir():
            raise ValueError(f"the data lake {self.lake} is not a directory")
        if not self.sandboxes or not all(self.sandboxes):
            raise ValueError("at least one sandbox is needed")
        if not self.org.endswith("@AdobeOrg"):
            raise ValueError(f"an organisation's id ends with @AdobeOrg, not {self.org!r}")
        if self.rows_per_part < 1:
            raise ValueError("rows_per_part must be at least 1")


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
    speed: float
    start: datetime | None
    token_lifetime: int
    adhoc_ready_after: float
    settle_after: float
    rows_per_part: int
    vary: bool
