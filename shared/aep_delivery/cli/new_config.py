"""A config from a few answers, with comments that say what else there is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from aep_delivery.adobe.catalogue import AuthSpec, DestinationRow, Exports
from aep_delivery.cli.new_file import SCHEMA_FILE
from aep_delivery.config.naming import SECRET_SCHEME

EXISTING, NO_AUTH = "existing-connection", "none"
ADOBES_ACCOUNT = "670664943635"
"""Who assumes a role of the user's (Adobe: Amazon S3 destination, authenticate with an assumed role)."""
DATASET_SCHEDULES = {
    "3h": ("FIRST_FULL_THEN_INCREMENTAL", 3, "hour"),
    "6h": ("FIRST_FULL_THEN_INCREMENTAL", 6, "hour"),
    "9h": ("FIRST_FULL_THEN_INCREMENTAL", 9, "hour"),
    "12h": ("FIRST_FULL_THEN_INCREMENTAL", 12, "hour"),
    "daily": ("FIRST_FULL_THEN_INCREMENTAL", 1, "day"),
    "once": ("DAILY_FULL_EXPORT", 0, "day"),
}
"""Answer → ``exportMode``, ``interval``, ``timeUnit``."""
AUDIENCE_SCHEDULES = {
    "3h": ("FIRST_FULL_THEN_INCREMENTAL", "EVERY_3_HOURS"),
    "6h": ("FIRST_FULL_THEN_INCREMENTAL", "EVERY_6_HOURS"),
    "8h": ("FIRST_FULL_THEN_INCREMENTAL", "EVERY_8_HOURS"),
    "12h": ("FIRST_FULL_THEN_INCREMENTAL", "EVERY_12_HOURS"),
    "daily": ("FIRST_FULL_THEN_INCREMENTAL", "DAILY"),
    "weekly": ("DAILY_FULL_EXPORT", "WEEKLY"),
    "monthly": ("DAILY_FULL_EXPORT", "MONTHLY"),
    "once": ("DAILY_FULL_EXPORT", "ONCE"),
}
"""Answer → ``exportMode``, ``frequency``."""
_AUTH_OF_MODE = {"S3": "access-key", "AZURE_BLOB": "connection-string", "FTP": "sftp-password"}
_DATASET_ID = re.compile(r"[0-9a-f]{24}")
_AUDIENCE_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*(?: [A-Za-z0-9_./-]+)*")
_NOT_PLAIN = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
"""Words that are no text to some reader of YAML."""


@dataclass(frozen=True)
class NewDelivery:
    """The answers.

    Attributes:
        name: Of the delivery.
        sandbox: Its sandbox.
        destination: The row of the catalogue.
        auth: The kind of authentication, :data:`EXISTING` or :data:`NO_AUTH`.
        exports: What is exported.
        items: The datasets or audiences, by name or id.
        place: ``bucketName``, ``path`` and the like.
        schedule: A key of the schedules above.
        secret: The secret's name; None for none.
        role: The ARN of the role that Adobe assumes.
        base_connection: The id of the existing connection.
        mode: Adobe's ``mode``, where nothing else says it.
        attributes: What is exported of each member of an audience; the first is the key.
    """

    name: str
    sandbox: str
    destination: DestinationRow
    auth: str
    exports: Exports
    items: list[str]
    place: dict[str, str]
    schedule: str
    secret: str | None = None
    role: str | None = None
    base_connection: str | None = None
    mode: str | None = None
    attributes: tuple[str, ...] = ()

    @property
    def secret_spec(self) -> AuthSpec | None:
        """What the secret holds, in the catalogue's words; None where there is no secret."""
        if self.secret is None:
            return None
        specs = self.destination.auth_specs
        wanted = _AUTH_OF_MODE[self.mode] if self.mode else self.auth
        return next((spec for spec in specs if spec.type == wanted), specs[0] if specs else None)


def config_text(new: NewDelivery) -> str:
    """The file, in a form that ``load_config`` accepts as long as the answers keep its rules."""
    return "\n".join(_lines(new)) + "\n"


def sample_of(spec: AuthSpec) -> str:
    """The JSON object that a secret holds, with dots for values."""
    return json.dumps({param.name: "…" for param in spec.params if param.required}, ensure_ascii=False)


def _lines(new: NewDelivery) -> Iterator[str]:
    yield f"# yaml-language-server: $schema={SCHEMA_FILE}"
    yield "#"
    yield f"# {new.exports.capitalize()} to {new.destination.title}. `aep-delivery validate` checks this file."
    yield "version: 1"
    yield ""
    yield "# Sandbox and name together tell this delivery from all others: renaming makes it another one."
    yield f"name: {_scalar(new.name)}"
    yield f"sandbox: {_scalar(new.sandbox)}"
    yield "# description: What it is for, in words for people"
    yield ""
    yield "destination:"
    yield from (f"  {line}" for line in _destination(new))
    yield ""
    yield from _datasets(new) if new.exports == "datasets" else _audiences(new)
    yield ""
    yield from _OPTIONS


def _destination(new: NewDelivery) -> Iterator[str]:
    yield f"type: {new.destination.name}"
    if new.auth != NO_AUTH:
        yield "auth:"
        yield from (f"  {line}" for line in _auth(new))
    if new.mode is not None:
        yield _noted(f"mode: {new.mode}", "the kind of storage behind the connection")
    for name, value in new.place.items():
        yield f"{name}: {_scalar(value)}"
    if new.destination.generation == "current":
        if new.exports == "datasets":
            yield _noted("datasetFileType: PARQUET", "or JSON: one object a line")
            yield _noted("compression: GZIP", "or NONE; JSON wants GZIP")
        else:
            yield _noted("fileType: CSV", "or JSON, or PARQUET")
            yield _noted("compression: NONE", "or GZIP")
    yield _noted("# includeFileManifest: true", "Adobe lists names and sizes in a file beside the data")


def _auth(new: NewDelivery) -> Iterator[str]:
    yield f"type: {new.auth}"
    if new.base_connection is not None:
        yield "# It is used, never changed and never removed."
        yield f"baseConnectionId: {new.base_connection}"
    if new.role is not None:
        yield f"# It trusts Adobe's account {ADOBES_ACCOUNT}."
        yield f"s3Role: {_scalar(new.role)}"
    spec = new.secret_spec
    if spec is not None:
        yield "# In AWS Secrets Manager; the credential itself never stands here. The secret holds"
        yield f"# {sample_of(spec)}"
        yield f"secret: {SECRET_SCHEME}{new.secret}"


def _datasets(new: NewDelivery) -> Iterator[str]:
    yield "# Each by its name, exactly as Experience Platform shows it, or as `- id:` and 24 hexadecimal digits."
    yield "datasets:"
    yield from (f"  - {_item(item, _DATASET_ID)}" for item in new.items)
    mode, interval, unit = DATASET_SCHEDULES[new.schedule]
    yield ""
    yield "# Adobe exports new data every 3, 6, 9 or 12 hours or every day; or everything once, with DAILY_FULL_EXPORT,"
    yield "# interval 0 and timeUnit day."
    yield "scheduleParams:"
    yield f"  exportMode: {mode}"
    yield f"  interval: {interval}"
    yield f"  timeUnit: {unit}"
    yield "  # startTime: 2030-01-01T00:00:00Z   # left out, as soon as Adobe allows"
    yield "  # endTime: 2030-07-01T00:00:00Z     # left out, the plan shows the one that is used"
    yield '  # foldernameTemplate: "%DATASET_ID%/%EXPORT_TIME%"'


def _audiences(new: NewDelivery) -> Iterator[str]:
    yield "# Each by its name, exactly as Experience Platform shows it, or as `- id:` and its id."
    yield "audiences:"
    yield from (f"  - {_item(item, _AUDIENCE_ID)}" for item in new.items)
    mode, frequency = AUDIENCE_SCHEDULES[new.schedule]
    yield ""
    yield "activation:"
    yield f"  exportMode: {mode}"
    yield "  schedule:"
    yield f"    frequency: {frequency}"
    yield "    # startDate: 2030-01-01            # left out, the first day that Adobe allows"
    yield '    # startTime: "06:00"               # a full hour, UTC; left out, the next one that is an hour away'
    if frequency != "ONCE":
        yield "    # endDate: 2030-07-01              # the last export is on the day before"
    yield '  # filenameTemplate: "%SEGMENT_NAME%_%DATETIME(YYYYMMdd_HHmmss)%"'
    yield "  # The columns: profile attributes, with dots between the names of their fields."
    yield "  attributes:"
    yield from (f"    - source: {_scalar(source)}" for source in new.attributes)
    yield "  # Who lacks one of these is left out."
    yield "  mandatoryFields:"
    yield f"    - {_scalar(new.attributes[0])}"
    yield "  # Without a key Adobe may export a person twice."
    yield "  primaryFields:"
    yield f"    - attributePath: {_scalar(new.attributes[0])}"


_OPTIONS = (
    "# Optional from here on; these are the defaults.",
    "run:",
    "  trigger: SCHEDULED                  # waits for the next scheduled run; NOW asks for one at once",
    "  deadlineMinutes: 240                # no run by then is the verdict NO_RUN",
    "",
    "verify:",
    "  recordCount: require                # rows in the files against the run's figure; report only shows it",
    "  fileCount: require",
    "  level: content                      # every byte; structure and listing look at less",
    "",
    "drift: report                         # or repair: what people change in Experience Platform is undone",
)


def _item(item: str, ids: re.Pattern[str]) -> str:
    # An id of digits alone would be a number.
    return f'id: "{item}"' if ids.fullmatch(item) else f"name: {_scalar(item)}"


def _noted(line: str, note: str) -> str:
    return f"{line:<34}  # {note}"


def _scalar(text: str) -> str:
    """A text as YAML; ``${`` is spelled so that it is no variable."""
    if _PLAIN.fullmatch(text) and text.lower() not in _NOT_PLAIN:
        return text
    quoted = json.dumps(text.replace("${", "$${"), ensure_ascii=False)
    # YAML reads U+0085 and its like as line breaks.
    return "".join(char if char.isprintable() else f"\\U{ord(char):08X}" for char in quoted)
