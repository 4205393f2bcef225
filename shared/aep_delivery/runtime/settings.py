"""What the template tells a function through its environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from aep_delivery.runtime.errors import InternalError

_PAIR = r"[^=,]+/=(\*|[a-z0-9-]+)"
"""The prefix of a key, and a sandbox."""


class Settings(BaseModel):
    """The environment of a step, read once. Every name is set by ``template.yaml``."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    owner: str = Field(alias="OWNER", pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,127}$")
    """Who owns what is created in Adobe: the stack's name. It is part of every owner marker."""
    state_table: str = Field(alias="STATE_TABLE")
    work_bucket: str = Field(alias="WORK_BUCKET")
    config_bucket: str = Field(default="", alias="CONFIG_BUCKET")
    allowed_sandboxes: str = Field(default="", alias="ALLOWED_SANDBOXES", pattern=rf"^({_PAIR}(,{_PAIR})*)?$")
    """Which sandbox a config may name, by the prefix of its key: ``deliveries/prod/=prod,cli/=*``; empty for any."""
    adobe_secret: str = Field(default="", alias="ADOBE_SECRET")
    """Name or ARN of the secret with Adobe's credentials."""
    destination_secret_prefix: str = Field(default="", alias="DESTINATION_SECRET_PREFIX")
    """``secret://name`` in a config means the secret called prefix + name."""
    adobe_api_url: str = Field(default="https://platform.adobe.io", alias="ADOBE_API_URL")
    adobe_ims_url: str = Field(default="https://ims-na1.adobelogin.com", alias="ADOBE_IMS_URL")
    adobe_requests_per_second: float = Field(default=5, gt=0, alias="ADOBE_REQUESTS_PER_SECOND")
    """How much all functions together ask of Adobe, in the long run."""
    adobe_burst: int = Field(default=20, ge=1, alias="ADOBE_BURST")
    """How many calls may be made at once after a rest."""
    adobe_ramp_seconds: float = Field(default=120, ge=0, alias="ADOBE_RAMP_SECONDS")
    """How long after trouble it takes until as much is asked again."""
    adobe_circuit_failures: int = Field(default=10, ge=1, alias="ADOBE_CIRCUIT_FAILURES")
    """After how many failures of Adobe's in half a minute nothing is asked of it."""
    adobe_circuit_seconds: float = Field(default=30, gt=0, alias="ADOBE_CIRCUIT_SECONDS")
    """How long until one call tries whether Adobe is well again."""
    allow_loopback_http: bool = Field(default=False, alias="ALLOW_LOOPBACK_HTTP")
    azure_authority_url: str = Field(default="", alias="AZURE_AUTHORITY_URL")
    """Empty for the one that goes with the storage account's cloud."""
    google_storage_url: str = Field(default="https://storage.googleapis.com", alias="GOOGLE_STORAGE_URL")
    event_bus: str = Field(default="default", alias="EVENT_BUS")
    deliver_state_machine: str = Field(default="", alias="DELIVER_STATE_MACHINE")
    verify_run_state_machine: str = Field(default="", alias="VERIFY_RUN_STATE_MACHINE")
    verifications_at_a_time: int = Field(default=20, ge=1, le=1000, alias="VERIFICATIONS_AT_A_TIME")
    """How many runs that Adobe has made by itself are verified at a time."""
    ending_within_days: int = Field(default=14, ge=1, alias="ENDING_WITHIN_DAYS")
    """How long before its end a schedule or a credential is told of."""
    remind_after_days: int = Field(default=7, ge=1, alias="REMIND_AFTER_DAYS")
    """After how long a finding that has not passed is told again."""
    poll_seconds: int = Field(default=30, ge=1, alias="POLL_SECONDS")
    """The first wait between two looks at a run; later ones grow."""

    check_seconds: float = Field(default=600, gt=0, le=720, alias="CHECK_SECONDS")
    """How long one function may be expected to take for one file; larger ones are read by several."""
    settling_seconds: int = Field(default=45, ge=1, alias="SETTLING_SECONDS")
    """How old a lost request must be before "not found" means "it never happened"."""
    entitled_profiles: int = Field(default=0, ge=0, alias="ENTITLED_PROFILES")
    """Profiles that the licence with Adobe covers; 0 where nobody has said."""
    entitled_kilobytes: int = Field(default=500, ge=1, alias="ENTITLED_KILOBYTES")
    """What of each may be exported in a year, in kilobytes."""
    entitlement_month: int = Field(default=1, ge=1, le=12, alias="ENTITLEMENT_MONTH")
    """In which the year of the contract with Adobe begins."""

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
