"""When the credentials of a delivery expire, as far as that can be known without asking anybody.

A shared access signature says it itself (``se``), an OpenPGP key too. Of everything else nobody says it: not of an
access key, a password, or Adobe's own client secret, so the secret may say it in ``expiresAt``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import unquote

from aep_delivery.config.destinations import CloudFiles
from aep_delivery.config.models import DeliveryConfig
from aep_delivery.config.public_key import key_expiry
from aep_delivery.runtime.errors import UserError
from aep_delivery.runtime.secrets import Secret
from aep_delivery.workflow.destination_access import EXPIRES_AT
from aep_delivery.workflow.services import Services

_SIGNED_UNTIL = re.compile(r"[?&=]se=([^&;]+)")
"""Azure: Create a service SAS, ``signedExpiry``."""


@dataclass(frozen=True, slots=True)
class Expiry:
    """A credential that expires.

    Attributes:
        secret: Name of the secret it is in; of a public key, where in the config it stands.
        credential: What it is.
        at: When.
    """

    secret: str
    credential: str
    at: datetime


def expiries(config: DeliveryConfig, services: Services) -> dict[str, list[Expiry]]:
    """What is known to expire, by what it is in; with an empty list where nothing in it is known to.

    Raises:
        UserError: ``secret.not-found``, ``secret.access-denied``, or ``secret.expiry-invalid``;
            ``expiresAt`` is no time.
    """
    names = [services.settings.adobe_secret]
    auth = config.destination.auth
    if auth is not None and auth.secret_name is not None:
        names.append(services.settings.destination_secret_prefix + auth.secret_name)
    found = {name: list(_in_secret(services.secrets.get(name))) for name in names if name}
    if isinstance(config.destination, CloudFiles) and config.destination.encryption is not None:
        place = f"{config.delivery_id} destination.encryption.publicKey"
        at = key_expiry(config.destination.encryption.public_key)
        found[place] = [] if at is None else [Expiry(place, "PGP public key", at)]
    return found


def _in_secret(secret: Secret) -> Iterator[Expiry]:
    try:
        parsed = json.loads(secret.text.get_secret_value())
    except ValueError:
        return
    for name, value in parsed.items() if isinstance(parsed, dict) else ():
        if name == EXPIRES_AT:
            yield Expiry(secret.name, "credential", _moment(str(value), secret.name))
        elif signed := _SIGNED_UNTIL.search(str(value)):
            yield Expiry(secret.name, "SAS token", _moment(unquote(signed[1]), secret.name))


def _moment(text: str, place: str) -> datetime:
    """ISO 8601; without a zone, or as a day, in UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UserError(
            f"The secret {place} does not say when it expires in a form that is understood.",
            code="secret.expiry-invalid",
            place=place,
            hint=f'Write "{EXPIRES_AT}" as a day or a time: 2027-06-30, or 2027-06-30T12:00:00Z.',
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
