"""The page of the metrics: those the code takes, with what watches and shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ruamel.yaml import YAML

from aep_delivery.runtime.figures import FIGURES
from aep_delivery.runtime.metrics import NAMESPACE
from docs.generate.said import ROOT

_HEAD = """\
# Metrics

<!-- Written by `make pages`. -->

All are in the namespace `{namespace}`, and have the one dimension `service`: the stack's name. Which delivery a figure
is of stands in [its line of the log](../explanation/observability.md#figures).

| Metric | Unit | Statistic | What it is | Alarm |
|---|---|---|---|---|
"""
_TAIL = """
## AWS's own

The alarms and the [dashboard](../explanation/observability.md#the-dashboard) have these besides:

| Namespace | Metric | Alarm |
|---|---|---|
"""


def page() -> dict[str, str]:
    """The page: path below docs/ → content."""
    resources = YAML().load(ROOT / "template.yaml")["Resources"]
    alarms = {name: each["Properties"] for name, each in resources.items() if each["Type"] == "AWS::CloudWatch::Alarm"}
    ours = "".join(
        f"| `{name}` | {figure.unit.value} | {figure.statistic} | {figure.meaning} "
        f"| {_alarms(alarms, NAMESPACE, name)} |\n"
        for name, figure in FIGURES.items()
    )
    others = sorted({(one["Namespace"], one["MetricName"]) for one in alarms.values() if one["Namespace"] != NAMESPACE})
    theirs = "".join(f"| `{space}` | `{name}` | {_alarms(alarms, space, name)} |\n" for space, name in others)
    return {"reference/metrics.md": _HEAD.format(namespace=NAMESPACE) + ours + _TAIL + theirs}


def _alarms(alarms: Mapping[str, Any], namespace: str, metric: str) -> str:
    return ", ".join(
        f"[`{name}`](../runbook/index.md#{name.lower()})"
        for name, one in alarms.items()
        if (one["Namespace"], one["MetricName"]) == (namespace, metric)
    )
