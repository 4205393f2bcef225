"""What a delivery may ask for: a config for each form of files that Adobe writes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal

from ruamel.yaml import YAML

from aep_delivery.config.load import load_config
from aep_delivery.config.models import DeliveryConfig
from aep_delivery.planning.audiences import AudienceToExport
from aep_delivery.planning.declared import DatasetToExport
from aep_delivery.planning.plan import Plan
from aep_delivery.verification.dialect import CsvDialect
from aep_delivery.verification.expectation import Compression, Expectation, FileType
from aep_delivery.workflow.expectation import expectation_of

SLOT = datetime(2027, 1, 1, 6, 0, tzinfo=UTC)
NAMES = ("Gold", "Silver", "Bronze")
IDS = ("5ef3e324052581191aa6a466", "6a1f0c2b9d3e4f5061728394", "70b1c2d3e4f5061728394a5b")
FOLDERS = "%DATASET_ID%/%EXPORT_TIME%"
FILES = "%SEGMENT_NAME%_%DATETIME(YYYYMMdd_HHmmss)%"
_WITH_KEY = Path("examples/encrypted-audiences.yaml")


@dataclass(frozen=True)
class Form:
    """One form of delivery.

    Attributes:
        exports: what.
        file_type: of the files.
        compression: around them; of Parquet, of their pages.
        csv: Adobe's ``csvOptions``; empty for its defaults.
        columns: (column, attribute path) of audiences, in order.
        template: of folders, or of audiences' file names.
        path: below the bucket.
        manifest: whether Adobe writes one.
        encrypted: whether Adobe encrypts the files.
        count: how many datasets or audiences.
        strict: whether columns that are not those of the last delivery decide.
        level: how far files are looked into.
        keyed: whether the first column is the deduplication key.
    """

    exports: Literal["datasets", "audiences"]
    file_type: FileType
    compression: Compression
    csv: tuple[tuple[str, str], ...] = ()
    columns: tuple[tuple[str, str], ...] = (("email", "personalEmail.address"), ("first_name", "person.name.firstName"))
    template: str = ""
    path: str = "exports"
    manifest: bool = False
    encrypted: bool = False
    count: int = 2
    strict: bool = False
    level: Literal["content", "structure", "listing"] = "content"
    keyed: bool = False

    def __str__(self) -> str:
        extras = ("encrypted" * self.encrypted, "manifest" * self.manifest)
        return " ".join(
            part.lower()
            for part in (self.exports, self.file_type, self.compression.replace("NONE", ""), *extras)
            if part
        )

    @property
    def subjects(self) -> tuple[tuple[str, str], ...]:
        """(id, name) of each dataset or audience."""
        return tuple(zip(IDS, NAMES, strict=True))[: self.count]

    @property
    def csv_options(self) -> dict[str, str]:
        """What the exporter is told; the product's defaults where nothing is said, as it sends all five."""
        given = {"delimiter": ",", "quote": '"', "escape": "\\", "nullValue": "null", "emptyValue": ""} | dict(self.csv)
        return given if self.file_type == "CSV" else {}

    @property
    def dialect(self) -> CsvDialect:
        """How its CSV files are read."""
        return expectation(self).dialect


@cache
def public_key() -> str:
    """What files are encrypted with: the key of the example."""
    key: str = YAML(typ="safe").load(_WITH_KEY)["destination"]["encryption"]["publicKey"]
    return key


@cache
def config(form: Form) -> DeliveryConfig:
    """The config, as a user would write it."""
    destination: dict[str, Any] = {
        "type": "amazon-s3",
        "auth": {"type": "access-key", "secret": "secret://warehouse"},
        "bucketName": "warehouse",
        "path": form.path,
        "compression": form.compression,
        "includeFileManifest": form.manifest,
    }
    verify: dict[str, Any] = {"level": form.level} | ({"columns": "require"} if form.strict else {})
    written: dict[str, Any] = {"version": 1, "name": "proof", "sandbox": "prod", "destination": destination}
    if form.encrypted:
        destination["encryption"] = {"publicKey": public_key()}
    if form.exports == "datasets":
        destination["datasetFileType"] = form.file_type
        if (form.file_type, form.compression) == ("JSON", "NONE"):
            destination["allowUncompressedJson"] = True
        written["datasets"] = [{"name": name} for _, name in form.subjects]
        written["scheduleParams"] = {
            "exportMode": "FIRST_FULL_THEN_INCREMENTAL",
            "interval": 3,
            "timeUnit": "hour",
            "foldernameTemplate": form.template or FOLDERS,
        }
    else:
        destination["fileType"] = form.file_type
        if form.csv:
            destination["csvOptions"] = dict(form.csv)
        written["audiences"] = [{"name": name} for _, name in form.subjects]
        written["activation"] = {
            "exportMode": "DAILY_FULL_EXPORT",
            "schedule": {"frequency": "DAILY", "triggerType": "AFTER_SEGMENT_EVAL"},
            "filenameTemplate": form.template or FILES,
            "attributes": [{"source": source, "column": column} for column, source in form.columns],
            **({"primaryFields": [{"attributePath": form.columns[0][1]}]} if form.keyed else {}),
        }
    return load_config(json.dumps({**written, "verify": verify}).encode(), "proof.yaml")


@cache
def plan(form: Form) -> Plan:
    """The plan, as far as verification reads it: ids and names."""
    made = config(form)
    template = form.template or FILES
    audiences = [
        AudienceToExport(
            id=id_, name=name, selector={"type": "PLATFORM_SEGMENT", "value": {"filenameTemplate": template}}
        )
        for id_, name in form.subjects
    ]
    of_datasets = form.exports == "datasets"
    return Plan(
        config_fingerprint=made.fingerprint,
        delivery_id=made.delivery_id,
        owner="stack",
        serial=0,
        datasets=[DatasetToExport(id=id_, name=name) for id_, name in form.subjects] if of_datasets else [],
        audiences=[] if of_datasets else audiences,
        schedule={},
        resources=[],
        warnings=[],
    )


@cache
def expectation(form: Form) -> Expectation:
    """What verification makes of config and plan."""
    return expectation_of(config(form), plan(form))
