"""Fields that people write here because they are at home elsewhere, and what to tell them."""

from __future__ import annotations

import re
from typing import NamedTuple


class Advice(NamedTuple):
    """What to say of an unknown field instead of guessing a similar name."""

    code: str
    message: str
    hint: str
    hide: bool = False
    """True where the value must not be shown."""


def _elsewhere(section: str, hint: str) -> Advice:
    return Advice("config.field-elsewhere", f"does not belong here, but into {section}", hint)


def _pasted(field: str) -> Advice:
    return Advice(
        "config.secret-in-config",
        "a credential does not belong into a config (what is there now is not shown)",
        f"Move {field} into AWS Secrets Manager, write `auth.secret: secret://` and its name, and rotate it.",
        hide=True,
    )


_CATALOGUE = Advice(
    "config.catalogue-id",
    "ids of Adobe's catalogue never appear in a config",
    "Name the destination, `type: amazon-s3`; its ids are known.",
)

BLOCKS = {
    "destination": """\
destination:
  type: amazon-s3
  auth:
    type: access-key
    secret: secret://flights-destination
  bucketName: my-bucket
  path: exports/flights
  datasetFileType: PARQUET
  compression: GZIP""",
    "datasets": """\
datasets:
  - name: Flights 2013""",
    "scheduleParams": """\
scheduleParams:
  exportMode: FIRST_FULL_THEN_INCREMENTAL
  interval: 3
  timeUnit: hour""",
    "activation": """\
activation:
  exportMode: FIRST_FULL_THEN_INCREMENTAL
  schedule: {frequency: DAILY, startDate: 2027-01-01, startTime: "17:00", endDate: 2027-12-31}
  attributes:
    - source: personalEmail.address""",
}
"""What to paste where a whole section is missing."""

SAME_MEANING = (
    ("bucketName", "container", "bucket", "containerName"),
    ("path", "remotePath", "folder", "folderPath", "directory", "prefix"),
)
"""Fields that mean the same at different destinations, and what other programs call them. Whoever writes one where
another is known means that one, whatever looks more alike: ``path`` is spelled like ``auth``.
"""

_CREDENTIAL = re.compile(
    r"(?:access|secret|private|ssh|api|account|shared)[-_]?key|client[-_]?secret|passw(?:or)?d|passphrase|\bpwd\b|token"
    r"|connection[-_]?string|credential|^sas(?![a-z])",
    re.IGNORECASE,
)
_SERVER_FIELDS = ("host", "hostname", "server", "domain", "address", "port", "user", "username", "hostKey")
_OF_SECRET = {"sftp-ssh-key": "sshKey"}

ADVICE: dict[str, Advice] = {
    "fileType": _elsewhere("`destination`", "It goes with `audiences`; with `datasets` write `datasetFileType`."),
    "datasetFileType": _elsewhere("`destination`", "It goes with `datasets`; with `audiences` write `fileType`."),
    "csvOptions": _elsewhere("`destination`", "It goes with `fileType: CSV`."),
    "filenameTemplate": _elsewhere(
        "`activation` or an audience", "File names of dataset exports are fixed; `foldernameTemplate` names folders."
    ),
    "foldernameTemplate": _elsewhere("`scheduleParams`", "Audiences have `filenameTemplate` in `activation`."),
    "segments": Advice("config.unknown-field", "Adobe calls them audiences", "Write `audiences:`."),
    "attributes": _elsewhere("`activation`", "A dataset is exported with all its fields."),
    "mapping": Advice("config.unknown-field", "what is mapped are attributes", "Write `activation.attributes`."),
    "profileMapping": Advice(
        "config.unknown-field", "the mapping set is made for you", "Write `activation.attributes`."
    ),
    "mandatoryFields": _elsewhere("`activation`", "A dataset is exported with all its rows."),
    "primaryFields": _elsewhere("`activation`", "Dataset exports are not deduplicated."),
    "segmentSelectors": Advice("config.unknown-field", "the selectors are made for you", "Write `audiences:`."),
    "profileSelectors": Advice(
        "config.unknown-field", "the selectors are made for you", "Write `activation.attributes`."
    ),
    "frequency": _elsewhere("an audience's `schedule`", "Datasets have `interval` and `timeUnit` in `scheduleParams`."),
    "triggerType": _elsewhere("an audience's `schedule`", "Dataset exports are always scheduled."),
    "startDate": _elsewhere("an audience's `schedule`", "Datasets have `startTime` with date and time."),
    "endDate": _elsewhere("an audience's `schedule`", "Datasets have `endTime` with date and time."),
    "connectionSpec": _CATALOGUE,
    "connectionSpecId": _CATALOGUE,
    "flowSpec": _CATALOGUE,
    "flowSpecId": _CATALOGUE,
    "mode": Advice("config.unknown-field", "follows from the destination, and is set for you", "Remove it."),
    "s3AccessKey": _pasted("s3AccessKey and s3SecretKey"),
    "s3SecretKey": _pasted("s3AccessKey and s3SecretKey"),
    "accessKeyId": _pasted("the access key"),
    "secretAccessKey": _pasted("the access key"),
    "secretKey": _pasted("the access key"),
    "password": _pasted("the password"),
}


def advise(path: tuple[str | int, ...], destination: object) -> Advice | None:
    """What to say of an unknown field whose name alone says what its writer wants; None for all others.

    Args:
        path: The field.
        destination: The section ``destination``, of whatever is there.
    """
    name = str(path[-1])
    if name in ADVICE:
        return ADVICE[name]
    if path[0] == "destination" and name in _SERVER_FIELDS and isinstance(destination, dict):
        auth = destination.get("auth")
        kind = str(auth.get("type")) if isinstance(auth, dict) else ""
        if "sftp" in str(destination.get("type")):
            return _in_secret(_OF_SECRET.get(kind, "password"))
    return _pasted("it") if _CREDENTIAL.search(name) else None


def _in_secret(credential: str) -> Advice:
    form = f'{{"domain": …, "username": …, "{credential}": …, "hostKey": …}}'
    advice = _elsewhere("the secret", f"The server's address is in the secret: {form}.")
    return advice._replace(hide=True)  # Where a server is written, its password is not far.
