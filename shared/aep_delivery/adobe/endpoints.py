"""Where Adobe is reached."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, field_validator, model_validator

FLOW_SERVICE = "/data/foundation/flowservice"
ADHOC_RUN = "/data/core/activation/disflowprovider/adhocrun"
AUDIENCES = "/data/core/ups/audiences"
PROFILE_SCHEMA = "/data/core/ups/config/entityTypes/_xdm.context.profile"
DATA_PREP = "/data/foundation/conversion"
LANDING_ZONE_CREDENTIALS = "/data/foundation/connectors/landingzone/credentials"
IMS_TOKEN = "/ims/token/v3"  # noqa: S105 - a path, not a token


class AdobeEndpoints(BaseModel):
    """The two hosts of Adobe. They come from the operator of the application, never from a config file.

    Raises:
        ValidationError: An address is not https (plain http is for the emulator on the loopback interface alone and has
            to be allowed), or carries credentials, a query or a fragment.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    api_url: str = "https://platform.adobe.io"
    ims_url: str = "https://ims-na1.adobelogin.com"
    allow_loopback_http: bool = False

    @field_validator("api_url", "ims_url")
    @classmethod
    def _without_trailing_slash(cls, url: str) -> str:
        return url.rstrip("/")

    @model_validator(mode="after")
    def _safe(self) -> Self:
        for name in ("api_url", "ims_url"):
            parts = urlsplit(getattr(self, name))
            host = parts.hostname
            if not host:
                raise ValueError(f"{name} is not a web address")
            if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
                raise ValueError(f"{name} must be scheme and host alone")
            if parts.scheme != "https" and not (
                parts.scheme == "http" and self.allow_loopback_http and is_loopback(host)
            ):
                raise ValueError(f"{name} must be https")
        return self


def is_loopback(host: str) -> bool:
    """Whether a host can only be this machine: ``localhost`` or a loopback address."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
