"""The questions of ``init``, in the order in which one follows from the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aep_delivery.adobe.catalogue import CURRENT_MODE, DestinationRow, Exports, Storage, load_catalogue
from aep_delivery.cli.asking import Asker
from aep_delivery.cli.new_config import AUDIENCE_SCHEDULES, DATASET_SCHEDULES, EXISTING, NO_AUTH, NewDelivery
from aep_delivery.config.audiences import AttributePath
from aep_delivery.config.destinations.auth import RoleArn
from aep_delivery.config.folders import MacroPath, RemotePath, TargetPath
from aep_delivery.config.naming import (
    SECRET_SCHEME,
    AudienceName,
    BucketName,
    ContainerName,
    DatasetName,
    DeliveryName,
    EntityId,
    GoogleBucketName,
    SandboxName,
    SecretReference,
)
from aep_delivery.runtime.errors import UserError

ASSUMED_ROLE = "assumed-role"
_ATTRIBUTES = ("personalEmail.address", "person.name.firstName", "person.name.lastName")
_STORAGE_OF_AUTH: dict[str, Storage] = {
    "access-key": "s3",
    "connection-string": "azure",
    "sftp-password": "sftp",
    "sftp-ssh-key": "sftp",
}
"""For destinations that are one of several storages."""
_SCHEDULE_WORDS = {
    "3h": "every 3 hours",
    "6h": "every 6 hours",
    "8h": "every 8 hours",
    "9h": "every 9 hours",
    "12h": "every 12 hours",
    "daily": "every day, what is new",
    "weekly": "every week, all of it",
    "monthly": "every month, all of it",
    "once": "all of it, a single time",
}


@dataclass(frozen=True)
class Given:
    """What the command line answers beforehand; None and empty for what is to be asked."""

    name: str | None = None
    sandbox: str | None = None
    destination: str | None = None
    auth: str | None = None
    secret: str | None = None
    role: str | None = None
    base_connection: str | None = None
    mode: str | None = None
    bucket: str | None = None
    container: str | None = None
    path: str | None = None
    datasets: tuple[str, ...] = ()
    audiences: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    schedule: str | None = None


def ask(asker: Asker, given: Given, *, suggested_name: str | None) -> NewDelivery:
    """Ask for all that is not given.

    Args:
        asker: Whom to ask.
        given: What is known.
        suggested_name: A name to begin with, from the file's.

    Raises:
        UserError: ``cli.usage`` for an answer that cannot be; ``cli.not-answered`` where nobody is there to ask.
    """
    name = asker.text("--name", "What is the delivery called?", given.name, DeliveryName, default=suggested_name)
    sandbox = asker.text("--sandbox", "In which sandbox?", given.sandbox, SandboxName)
    row, exports = _destination(asker, given)
    auth = _auth(asker, given, row)
    mode, shown_mode = _mode(asker, given, row, auth)
    asker.finish()
    role = (
        asker.text("--role", "Which role may Adobe assume? Its ARN.", given.role, RoleArn)
        if auth == ASSUMED_ROLE
        else None
    )
    existing = (
        asker.text("--base-connection", "Which base connection? Its id.", given.base_connection, EntityId)
        if auth == EXISTING
        else None
    )
    new = NewDelivery(
        name=name,
        sandbox=sandbox,
        destination=row,
        auth=auth,
        exports=exports,
        place=_place(asker, given, row, mode=mode, exports=exports, name=name),
        items=_items(asker, given, exports),
        attributes=_attributes(asker, given) if exports == "audiences" else (),
        schedule=_schedule(asker, given, exports),
        secret=_secret(asker, given, row, auth=auth, name=name),
        role=role,
        base_connection=existing,
        mode=mode if shown_mode else None,
    )
    asker.finish()
    return new


def _destination(asker: Asker, given: Given) -> tuple[DestinationRow, Exports]:
    if given.datasets and given.audiences:
        raise UserError(
            "A delivery exports either datasets or audiences.",
            code="cli.usage",
            hint="Give --dataset or --audience, and write two configs for both.",
        )
    rows = load_catalogue().destinations
    possible = {row.name: row.title for row in rows if not given.datasets or row.flow_specs.datasets}
    chosen = asker.choice("--destination", "Where do the files go?", given.destination, possible)
    asker.finish()
    row = load_catalogue().destination(chosen)
    if given.datasets:
        return row, "datasets"
    if given.audiences or row.flow_specs.datasets is None:
        return row, "audiences"
    kinds = {"datasets": "tables of the data lake", "audiences": "profiles that belong to a group"}
    answer = asker.choice("--dataset or --audience", "What is delivered?", None, kinds, default=None)
    return row, "audiences" if answer == "audiences" else "datasets"


def _auth(asker: Asker, given: Given, row: DestinationRow) -> str:
    kinds = {spec.type: spec.name for spec in row.auth_specs} or {NO_AUTH: "Adobe needs no credential"}
    kinds[EXISTING] = "a base connection that is there already"
    return asker.choice("--auth", "How does Adobe get in?", given.auth, kinds, default=next(iter(kinds)))


def _mode(asker: Asker, given: Given, row: DestinationRow, auth: str) -> tuple[str, bool]:
    """Adobe's mode, and whether the config must say it."""
    modes = [*row.storage]
    if len(modes) > 1 and auth != EXISTING:
        storage = _STORAGE_OF_AUTH[auth]
        return next(mode for mode, kind in row.storage.items() if kind == storage), False
    if len(modes) == 1:
        return modes[0], False
    kinds = {mode: str(kind) for mode, kind in row.storage.items()}
    question = "Which kind of storage is behind the connection?"
    return asker.choice("--mode", question, given.mode, kinds, default="FTP"), True


def _place(
    asker: Asker, given: Given, row: DestinationRow, *, mode: str, exports: Exports, name: str
) -> dict[str, str]:
    """What the catalogue lists for this mode, of what says where files go."""
    bucket: Any = GoogleBucketName if row.storage_for(mode) == "gcs" else BucketName
    path: Any = MacroPath if mode == CURRENT_MODE and exports == "audiences" else TargetPath
    folder = f"exports/{name}"
    questions: dict[str, tuple[str, str, str | None, Any, str | None]] = {
        "bucketName": ("--bucket", "Into which bucket?", given.bucket, bucket, None),
        "container": ("--container", "Into which container?", given.container, ContainerName, None),
        "path": ("--path", "Below which folder?", given.path, path, folder),
        "remotePath": ("--path", "Below which folder of the server?", given.path, RemotePath, folder),
    }
    wanted = dict.fromkeys(param.name for param in row.target_params_for(mode, exports) if param.name in questions)
    answers = {}
    for param in wanted:
        option, question, known, rule, default = questions[param]
        answers[param] = asker.text(option, question, known, rule, default=default)
    return answers


def _items(asker: Asker, given: Given, exports: Exports) -> list[str]:
    if exports == "datasets":
        return asker.several("--dataset", "Which datasets, by name or id?", given.datasets, DatasetName)
    return asker.several("--audience", "Which audiences, by name or id?", given.audiences, AudienceName)


def _attributes(asker: Asker, given: Given) -> tuple[str, ...]:
    question = "Which profile attributes? The first one tells people apart."
    return tuple(asker.several("--attribute", question, given.attributes, AttributePath, default=_ATTRIBUTES))


def _schedule(asker: Asker, given: Given, exports: Exports) -> str:
    schedules = DATASET_SCHEDULES if exports == "datasets" else AUDIENCE_SCHEDULES
    words = {schedule: _SCHEDULE_WORDS[schedule] for schedule in schedules}
    return asker.choice("--schedule", "How often?", given.schedule, words, default="daily")


def _secret(asker: Asker, given: Given, row: DestinationRow, *, auth: str, name: str) -> str | None:
    """The secret's name. In Amazon S3, what Adobe needs none for is read back as the stack itself."""
    reads_alone = auth in (EXISTING, NO_AUTH, ASSUMED_ROLE)
    if not row.auth_specs or (reads_alone and given.secret is None and {*row.storage.values()} == {"s3"}):
        return None
    question = "Which secret is it read back with?" if reads_alone else "Which secret holds the credential?"
    known = f"{SECRET_SCHEME}{given.secret.removeprefix(SECRET_SCHEME)}" if given.secret is not None else None
    default = f"{SECRET_SCHEME}{name}"
    return asker.text("--secret", question, known, SecretReference, default=default).removeprefix(SECRET_SCHEME)
