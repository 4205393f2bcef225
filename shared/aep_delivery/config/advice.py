"""Fields that people write here because they are at home elsewhere, and what to tell them."""

from __future__ import annotations

from typing import NamedTuple


class Advice(NamedTuple):
    """What to say of an unknown field instead of guessing a similar name."""

    code: str
    message: str
    hint: str


def _elsewhere(section: str, hint: str) -> Advice:
    return Advice("config.field-elsewhere", f"does not belong here, but into {section}", hint)


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

SAME_MEANING = (
    ("bucketName", "container", "bucket", "containerName"),
    ("path", "remotePath", "folder", "folderPath", "directory", "prefix"),
)
"""Fields that mean the same at different destinations, and what other programs call them. Whoever writes one where
another is known means that one, whatever looks more alike: ``path`` is spelled like ``auth``.
"""

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
