"""Fields that people write here because they are at home elsewhere, and what to tell them."""

from __future__ import annotations

from typing import NamedTuple


class Advice(NamedTuple):
    """What to say of an unknown field instead of guessing a similar name."""

    code: str
    message: str
    hint: str


def _audience(hint: str) -> Advice:
    return Advice("config.audience-only", "belongs to audience exports, not to dataset exports", hint)


def _pasted(field: str) -> Advice:
    return Advice(
        "config.secret-in-config",
        "a credential does not belong into a config (what is there now is not shown)",
        f"Move {field} into AWS Secrets Manager, write `auth.secret: secret://` and its name, and rotate it.",
    )


_CATALOGUE = Advice(
    "config.catalogue-id",
    "ids of Adobe's catalogue never appear in a config",
    "Name the destination, `type: amazon-s3`; its ids are known.",
)

ADVICE: dict[str, Advice] = {
    "fileType": _audience("Write `datasetFileType: JSON` or `PARQUET`."),
    "csvOptions": _audience("Dataset exports are JSON or Parquet: remove it."),
    "filenameTemplate": _audience("File names of dataset exports are fixed; `foldernameTemplate` names folders."),
    "audiences": _audience("Remove it; `datasets` lists what is exported."),
    "segments": _audience("Remove it; `datasets` lists what is exported."),
    "attributes": _audience("Remove it: a dataset is exported with all its fields."),
    "mapping": _audience("Remove it: a dataset is exported with all its fields."),
    "profileMapping": _audience("Remove it: a dataset is exported with all its fields."),
    "mandatoryFields": _audience("Remove it: a dataset is exported with all its rows."),
    "primaryFields": _audience("Remove it: dataset exports are not deduplicated."),
    "segmentSelectors": _audience("Remove it; `datasets` lists what is exported."),
    "profileSelectors": _audience("Remove it: a dataset is exported with all its fields."),
    "frequency": _audience("Write `interval` and `timeUnit`."),
    "triggerType": _audience("Remove it: dataset exports are always scheduled."),
    "startDate": _audience("Write `startTime` with date and time."),
    "endDate": _audience("Write `endTime` with date and time."),
    "connectionSpec": _CATALOGUE,
    "connectionSpecId": _CATALOGUE,
    "flowSpec": _CATALOGUE,
    "flowSpecId": _CATALOGUE,
    "mode": Advice("config.unknown-field", "Adobe's constant, which is set for you", "Remove it."),
    "s3AccessKey": _pasted("s3AccessKey and s3SecretKey"),
    "s3SecretKey": _pasted("s3AccessKey and s3SecretKey"),
    "accessKeyId": _pasted("the access key"),
    "secretAccessKey": _pasted("the access key"),
    "secretKey": _pasted("the access key"),
    "password": _pasted("the password"),
}
