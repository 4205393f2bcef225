"""The OAuth server-to-server credential of an Adobe Developer Console project."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from aep_delivery.runtime.errors import UserError

DEFAULT_SCOPES = "openid,AdobeID,read_organizations,additional_info.projectedProductContext,session"
"""Adobe: Authenticate and access Experience Platform APIs. The Developer Console shows the list of each credential."""

_HINT = 'The secret holds one JSON object: {"client_id", "client_secret", "org_id": "…@AdobeOrg", "scopes" (optional)}.'

HeaderText = Annotated[str, Field(pattern=r"^[!-~]+$", max_length=512)]
"""Printable ASCII without spaces: it travels in a header."""


class AdobeCredentials(BaseModel):
    """What a machine needs to be let in: sent to Adobe's identity service, and in part with every call."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    client_id: HeaderText
    """Also the value of ``x-api-key``."""
    client_secret: SecretStr = Field(min_length=1)
    org_id: str = Field(pattern=r"^[A-Za-z0-9._-]+@AdobeOrg$", max_length=512)
    """The value of ``x-gw-ims-org-id``."""
    scopes: str = Field(default=DEFAULT_SCOPES, min_length=1)
    """Separated by commas."""

    @classmethod
    def from_secret(cls, text: str, *, name: str) -> AdobeCredentials:
        """The credential that a secret of Secrets Manager holds.

        Args:
            text: The secret's string: a JSON object; unknown keys are left alone.
            name: The secret's name, for the error.

        Returns:
            The credential.

        Raises:
            UserError: ``credentials.adobe-secret-invalid``, naming the keys that are missing or wrong, never a value.
        """
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            findings = error.errors(include_url=False, include_context=False, include_input=False)
        details = [
            f"{'.'.join(str(part) for part in finding['loc'])}: {finding['msg']}"
            for finding in findings
            if finding["loc"]
        ]
        raise UserError(
            f"The Adobe credential in secret {name!r} can't be used: "
            + (", ".join(details) if details else "it is not a JSON object")
            + ".",
            code="credentials.adobe-secret-invalid",
            hint=_HINT,
            place=name,
            details=details,
        )
