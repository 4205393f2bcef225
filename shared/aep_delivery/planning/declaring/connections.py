"""Base connections: to the destination, and for the first generation to the profile store as well.

Sources: Adobe: Connect to batch destinations and activate audiences by API; Activate audiences to file-based
destinations by API; Amazon S3 destination, assumed role.
"""

from __future__ import annotations

from typing import Any

from aep_delivery.adobe.catalogue import DestinationRow, SpecId, load_catalogue
from aep_delivery.config.destinations import AssumedRoleAuth, CloudFiles, ExistingConnectionAuth
from aep_delivery.config.models import DeliveryConfig


def spec(reference: SpecId) -> dict[str, str]:
    """A reference to a specification, as bodies hold it."""
    return {"id": reference.id, "version": reference.version}


def destination_connection(config: DeliveryConfig, row: DestinationRow) -> dict[str, Any]:
    """The connection to the destination, without ``auth``."""
    destination = config.destination
    encryption = destination.encryption if isinstance(destination, CloudFiles) else None
    return {
        "connectionSpec": spec(row.connection_spec),
        # Adobe's connection spec calls this otherwise, but stored objects show these two names.
        "encryption": None
        if encryption is None
        else {
            "specName": "File Encryption",
            "params": {"encryptionAlgo": "PGP/GPG", "publicKey": encryption.public_key},
        },
    }


def profile_store_connection() -> dict[str, Any]:
    """The connection to the profile store, which the source connections of the first generation hang on."""
    return {"connectionSpec": spec(load_catalogue().profile_store.connection_spec)}


def assumed_role(config: DeliveryConfig) -> str | None:
    """The role that Adobe is to assume; None where it authenticates otherwise."""
    auth = config.destination.auth
    return auth.s3_role if isinstance(auth, AssumedRoleAuth) else None


def auth_spec_name(config: DeliveryConfig, row: DestinationRow) -> str | None:
    """Adobe's name for the way it authenticates; None where it needs no credential."""
    auth = config.destination.auth
    if auth is None or isinstance(auth, ExistingConnectionAuth):
        return None
    return row.auth_spec_for(auth.type).name
