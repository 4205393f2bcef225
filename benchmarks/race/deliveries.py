"""What is delivered: datasets as JSON or Parquet, or audiences as CSV: as our config says it, as scripts read it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

Config = dict[str, Any]
BUCKET, SECRET = "race-warehouse", "race-warehouse"
DATASETS = ("Weather 2013", "Planes", "Airports")
AUDIENCES = ("Loyalty Gold", "Newsletter US")
ATTRIBUTES = ("personalEmail.address", "person.name.lastName")
FORMS = {"datasets": ("JSON", "PARQUET"), "audiences": ("CSV",)}
ONE_DELIVERY = {
    "datasets": {
        "connections": 1,
        "sourceConnections": 1,
        "targetConnections": 1,
        "flows": 1,
        "audiences": 0,
        "runs": 1,
    },
    # The profile store is a connection of its own; the two audiences are on the dataflow.
    "audiences": {
        "connections": 2,
        "sourceConnections": 1,
        "targetConnections": 1,
        "flows": 1,
        "audiences": 2,
        "runs": 1,
    },
}
"""How much of each kind one delivery needs in Adobe."""


def config(name: str, form: str, now: datetime) -> Config:
    """One delivery. It is asked for at once; its schedule begins where it disturbs nothing.

    Args:
        name: Of the delivery, and of its folder.
        form: ``JSON`` or ``PARQUET`` of datasets, ``CSV`` of audiences.
        now: By Adobe's clock, before noon: an audience is exported by hand only on days that its schedule covers.
    """
    destination: Config = {
        "type": "amazon-s3",
        "auth": {"type": "access-key", "secret": f"secret://{SECRET}"},
        "bucketName": BUCKET,
        "path": f"race/{name}",
    }
    common: Config = {"version": 1, "name": name, "sandbox": "prod", "run": {"trigger": "NOW"}}
    if form == "CSV":
        destination["type"] = "amazon-s3-first-generation"
        days = {"startDate": now.date().isoformat(), "endDate": (now + timedelta(days=90)).date().isoformat()}
        schedule = {"frequency": "DAILY", "startTime": "23:00", **days}
        activation = {
            "exportMode": "FIRST_FULL_THEN_INCREMENTAL",
            "schedule": schedule,
            "attributes": [{"source": attribute} for attribute in ATTRIBUTES],
        }
        audiences = [{"name": audience} for audience in AUDIENCES]
        return {**common, "destination": destination, "audiences": audiences, "activation": activation}
    once = {"exportMode": "DAILY_FULL_EXPORT", "interval": 0, "timeUnit": "day"}
    return {
        **common,
        "destination": {**destination, "datasetFileType": form, "compression": "GZIP"},
        "datasets": [{"name": dataset} for dataset in DATASETS],
        "scheduleParams": {**once, "startTime": int((now + timedelta(days=365)).timestamp())},
    }


def for_scripts(ours: Config) -> Config:
    """The same delivery, flat."""
    flat = {name: ours[name] for name in ("name", "sandbox")}
    flat |= {name: ours["destination"][name] for name in ("bucketName", "path")}
    if "audiences" in ours:
        activation = ours["activation"]
        return {
            **flat,
            "fileType": "CSV",
            "audiences": [audience["name"] for audience in ours["audiences"]],
            "attributes": [attribute["source"] for attribute in activation["attributes"]],
            "exportMode": activation["exportMode"],
            "schedule": activation["schedule"],
        }
    destination = ours["destination"]
    return {
        **flat,
        "fileType": destination["datasetFileType"],
        "compression": destination["compression"],
        "datasets": [dataset["name"] for dataset in ours["datasets"]],
        "scheduleParams": ours["scheduleParams"],
    }
