"""The destination of one config: its secret, what lies there, and what Adobe says of it."""

from __future__ import annotations

import json
from pathlib import Path

from aep_delivery.cli.checkup.adobe import sandbox_check
from aep_delivery.cli.checkup.aws import STACK, TABLE
from aep_delivery.cli.checkup.checks import Checkup, NothingToCheckError
from aep_delivery.cli.config_file import read_config
from aep_delivery.config.models import DeliveryConfig
from aep_delivery.runtime.errors import UserError
from aep_delivery.state.records import ResourceKind
from aep_delivery.workflow.destination_storage import Place
from aep_delivery.workflow.plan_making import checked_flow_spec
from aep_delivery.workflow.services import Services

CONFIG, SECRET, HOST_KEY, LISTING = "config", "destination secret", "host key", "destination"
_KEY_KINDS = ("ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521")


def check_config(checkup: Checkup, file: Path) -> DeliveryConfig | None:
    """Check the config itself. Returns it; None where it is not valid."""
    return checkup.check(
        CONFIG, lambda: read_config(file).delivery(), lambda config: f"valid, delivery {config.delivery_id}"
    )


def check_destination(checkup: Checkup, services: Services | None, config: DeliveryConfig | None) -> None:
    """Check where a config's files go. Nothing is written there.

    Args:
        checkup: Where the checks are made; the stack, Adobe and the config were checked before.
        services: Of the installation; None where there is none.
        config: The config; None where it is not valid.
    """
    if config is None:
        return
    at: list[Services] = [services] if services is not None else []
    place = Place.of(config)
    checkup.check(SECRET, lambda: _secret(at[0], config), str, needs=[STACK])
    if place.storage == "sftp":
        checkup.check(HOST_KEY, lambda: _host_key(at[0], config), str, needs=[STACK])
    checkup.check(LISTING, lambda: _listed(at[0], config, place), str, needs=[STACK, SECRET])
    checkup.check(
        "destination catalogue",
        lambda: checked_flow_spec(config, at[0].flow_service(config.sandbox)),
        lambda _: "Adobe's specifications are what the catalogue says",
        needs=[sandbox_check(config.sandbox)],
    )
    checkup.check(
        "Adobe at the destination",
        lambda: _adobe_gets_in(at[0], config),
        str,
        needs=[TABLE, sandbox_check(config.sandbox)],
    )


def _secret_name(services: Services, config: DeliveryConfig) -> str:
    auth = config.destination.auth
    if auth is None or auth.secret_name is None:
        raise NothingToCheckError("the config names none")
    return services.settings.destination_secret_prefix + auth.secret_name


def _secret(services: Services, config: DeliveryConfig) -> str:
    name = _secret_name(services, config)
    access = services.destination(config)
    fields = ", ".join(sorted(access.params)) if access is not None else "nothing that is needed"
    return f"{name} holds {fields}"


def _host_key(services: Services, config: DeliveryConfig) -> str:
    name = _secret_name(services, config)
    try:
        held = json.loads(services.secrets.get(name).text.get_secret_value())
    except (UserError, ValueError):
        raise NothingToCheckError("the secret cannot be read") from None
    key = held.get("hostKey") if isinstance(held, dict) else None
    kind = key.split()[0] if isinstance(key, str) and key.split() else ""
    if kind not in _KEY_KINDS:
        raise UserError(
            "The secret does not say which key the SFTP server has.",
            code="cli.host-key-missing",
            place=name,
            hint="Run `ssh-keyscan -t ed25519 HOST`, compare the key with what the server's owner says, and add it "
            'as "hostKey": "ssh-ed25519 AAAA…".',
        )
    return f"{kind}, and no other is trusted"


def _listed(services: Services, config: DeliveryConfig, place: Place) -> str:
    # What audiences have in their paths is known once they are exported.
    folder = place.folder.partition("%")[0].strip("/")
    try:
        found = next(iter(services.reader(config).list_objects(f"{folder}/" if folder else "")), None)
    except ImportError:
        raise UserError(
            "The libraries for this kind of storage are not installed.",
            code="cli.storages-missing",
            hint="Install the extra `storages`: pip install 'aep-delivery[cli,storages]'.",
        ) from None
    where = f"{place.location}/{folder}"
    return f"{where} may be listed, " + ("nothing is there yet" if found is None else "files are there")


def _adobe_gets_in(services: Services, config: DeliveryConfig) -> str:
    """Adobe's own test, of a connection that was made."""
    entry = services.store.read_journal(config.delivery_id).get(ResourceKind.BASE_CONNECTION)
    if entry is None or entry.done is None:
        raise NothingToCheckError("Adobe is asked once the config has been applied")
    if not services.flow_service(config.sandbox).test_connection(entry.done.resource_id):
        raise UserError(
            "Adobe does not get in with the credential it has.",
            code="cli.connection-refused",
            place=entry.done.resource_id,
            hint="Mend the destination's secret, then apply the config again: Adobe gets the new value with it.",
        )
    return f"it gets in, by {entry.done.resource_id}"
