"""How Adobe gets into a destination, and how verification does: with the same secret wherever there is one."""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel, ConfigDict, SecretStr

from aep_delivery.adobe.catalogue import AuthSpec, load_catalogue
from aep_delivery.config.destinations import AssumedRoleAuth, ReadingAuth
from aep_delivery.config.models import DeliveryConfig
from aep_delivery.runtime.errors import UserError
from aep_delivery.runtime.secrets import Secret, Secrets

EXPIRES_AT = "expiresAt"
"""A field that any secret may have: until when its credential is good. Nobody but the watch reads it."""


class DestinationAccess(BaseModel):
    """The credentials of a destination."""

    model_config = ConfigDict(frozen=True)

    spec_name: str
    """Adobe's name for this kind of authentication."""
    sent: dict[str, SecretStr]
    """What Adobe is given."""
    params: dict[str, SecretStr] = {}
    """What reading back needs: what Adobe is given, and what is kept beside it. Empty where the function's own role
    reads."""
    version: str | None = None
    """Of the secret; remembered in place of it. None where Adobe is given none."""

    def auth(self) -> dict[str, Any]:
        """``auth`` for a base connection, the credentials in clear."""
        return {"specName": self.spec_name, "params": {name: _wire(name, value) for name, value in self.sent.items()}}

    def one_of(self, *names: str) -> SecretStr:
        """The first of these parameters that there is. Raises ``KeyError`` where there is none."""
        return next((self.params[name] for name in names if name in self.params), None) or self.params[names[0]]


def destination_access(config: DeliveryConfig, secrets: Secrets, prefix: str) -> DestinationAccess | None:
    """Read and check a destination's secret; None where neither Adobe nor we need one.

    Raises:
        UserError: ``secret.not-found``, ``secret.access-denied``, or ``secret.invalid`` where it is not what Adobe
            takes. No part of its value is in the error.
    """
    auth = config.destination.auth
    secret_name = auth.secret_name if auth is not None else None
    secret = secrets.get(prefix + secret_name) if secret_name is not None else None
    params = _params(secret) if secret is not None else {}
    row = load_catalogue().destination(config.destination.type)
    if isinstance(auth, ReadingAuth):
        reading = row.auth_spec_holding(params) or (row.auth_specs[0] if row.auth_specs else None)
        if secret is not None and reading is not None:
            _refuse_findings(reading, params, secret.name)
        if isinstance(auth, AssumedRoleAuth):
            sent = {"s3Role": SecretStr(auth.s3_role)}
            return DestinationAccess(spec_name=row.auth_spec_for(auth.type).name, sent=sent, params=params)
        return DestinationAccess(spec_name=reading.name, sent={}, params=params) if secret and reading else None
    if auth is None or secret is None:
        return None
    spec = row.auth_spec_for(auth.type)
    _refuse_findings(spec, params, secret.name)
    return DestinationAccess(spec_name=spec.name, sent=spec.sent(params), params=params, version=secret.version)


def _wire(name: str, value: SecretStr) -> str | int:
    """A parameter as Adobe takes it: a port is a number, everything else a text."""
    text = value.get_secret_value()
    return int(text) if name == "port" and text.isdecimal() else text


def _refuse_findings(spec: AuthSpec, params: dict[str, SecretStr], name: str) -> None:
    findings = spec.findings(params)
    if findings:
        raise UserError(
            f"The secret {name} is not what Adobe takes as {spec.name}.",
            code="secret.invalid",
            place="destination.auth.secret",
            details=findings,
            hint=f"It must be a JSON object with {_listed(spec)}.",
        )


def _listed(spec: AuthSpec) -> str:
    names = [param.name for param in spec.params if param.required]
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]


def _params(secret: Secret) -> dict[str, SecretStr]:
    try:
        parsed = json.loads(secret.text.get_secret_value())
    except ValueError:
        parsed = None
    if not isinstance(parsed, dict) or not all(isinstance(value, str | int) for value in parsed.values()):
        raise UserError(
            f"The secret {secret.name} is not a JSON object of texts.",
            code="secret.invalid",
            place="destination.auth.secret",
            hint='For an access key: {"s3AccessKey": "…", "s3SecretKey": "…"}.',
        )
    return {key: SecretStr(str(value)) for key, value in parsed.items() if key != EXPIRES_AT}
