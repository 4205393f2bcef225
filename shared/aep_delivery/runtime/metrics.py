"""Figures for CloudWatch in the embedded metric format, which costs a line of the log and no call."""

from __future__ import annotations

from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

NAMESPACE = "AepDelivery"


def count(owner: str, **figures: float) -> None:
    """Write figures down, by their names in CloudWatch.

    Args:
        owner: The stack's name: the dimension ``service`` of all its figures.
        figures: Counts.
    """
    metrics = EphemeralMetrics(namespace=NAMESPACE, service=owner)
    for name, figure in figures.items():
        metrics.add_metric(name=name, unit=MetricUnit.Count, value=figure)
    metrics.flush_metrics()
