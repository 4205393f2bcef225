"""What the template tells a function through its environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from aep_delivery.runtime.errors import InternalError


class Settings(BaseModel):
    """The environment of a step, read once. Every name is set by ``template.yaml``."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    owner: str = Field(alias="OWNER", pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,127}$")
    """Who owns what is created in Adobe: the stack's name. It is part of every owner marker."""
    state_table: str = Field(alias="STATE_TABLE")
    work_bucket: str = Field(alias="WORK_BUCKET")
    config_bucket: str = Field(default="", alias="CONFIG_BUCKET")
    adobe_secret: str = Field(default="", alias="ADOBE_SECRET")
    """Name or ARN of the secret with Adobe's credentials."""
    destination_secret_prefix: str = Field(default="", alias="DESTINATION_SECRET_PREFIX")
    """``secret://name`` in a config means the secret called prefix + name."""
    adobe_api_url: str = Field(default="https://platform.adobe.io", alias="ADOBE_API_URL")
    adobe_ims_url: str = Field(default="https://ims-na1.adobelogin.com", alias="ADOBE_IMS_URL")
    allow_loopback_http: bool = Field(default=False, alias="ALLOW_LOOPBACK_HTTP")
    azure_authority_url: str = Field(default="", alias="AZURE_AUTHORITY_URL")
    """Empty for the one that goes with the storage account's cloud."""
    google_storage_url: str = Field(default="https://storage.googleapis.com", alias="GOOGLE_STORAGE_URL")
    event_bus: str = Field(default="default", alias="EVENT_BUS")
    deliver_state_machine: str = Field(default="", alias="DELIVER_STATE_MACHINE")
    poll_seconds: int = Field(default=30, ge=1, alias="POLL_SECONDS")
    """The first wait between two looks at a run; later ones grow."""

    settling_seconds: int = Field(default=45, ge=1, alias="SETTLING_SECONDS")
    """How old a lost request must be before "not found" means "it never happened"."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, Any]) -> Settings:
        """Read the settings.

        Raises:
            InternalError: ``settings.invalid``, naming every variable that is missing or wrong.
        """
        try:
            return cls.model_validate(dict(environment))
        except ValidationError as error:
            names = sorted({str(e["loc"][0]) for e in error.errors(include_input=False)})
            raise InternalError(
                f"The function's environment is incomplete or wrong: {', '.join(names)}.",
                code="settings.invalid",
                hint="These variables are set in template.yaml under Globals and on the function.",
            ) from None


@cache
def settings() -> Settings:
    """The settings of this process."""
    return Settings.from_environment(os.environ)
