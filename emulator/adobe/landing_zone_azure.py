"""A landing zone in Azure: a signature over a stored access policy, which ends when the policy is replaced."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

from azure.core.exceptions import AzureError
from azure.storage.blob import AccessPolicy, ContainerClient, generate_container_sas

from emulator.adobe import problems
from emulator.adobe.http import Json
from emulator.adobe.settings import AzureLandingZone, Settings

LIFETIME = timedelta(days=90)
"""Adobe: "Data Landing Zone", refresh your credentials."""
RIGHTS = "racwdl"


def issue(zone: AzureLandingZone, settings: Settings) -> Json:
    """Make a new signature and end all earlier ones.

    Raises:
        Problem: the storage does not answer, or refuses.
    """
    policy = f"dlz-{uuid.uuid4()}"
    # The storage lives by the real time, whatever the emulated one is.
    until = datetime.now(UTC).replace(microsecond=0) + LIFETIME
    container = ContainerClient(
        zone.endpoint,
        zone.container,
        credential={"account_name": zone.account, "account_key": zone.account_key},
        connection_verify=True if settings.azure_ca is None else str(settings.azure_ca),
        retry_total=0,
    )
    try:
        with container:
            container.set_container_access_policy({policy: AccessPolicy(permission=RIGHTS, expiry=until)})
    except AzureError as error:
        raise problems.plain(f"The landing zone does not answer: {type(error).__name__}", 500) from error
    token = generate_container_sas(zone.account, zone.container, zone.account_key, policy_id=policy)
    return {
        "containerName": zone.container,
        "SASToken": token,
        "storageAccountName": zone.account,
        "SASUri": f"{zone.endpoint.rstrip('/')}/{zone.container}?{token}",
    }
