"""Figures for CloudWatch in the embedded metric format, which costs a line of the log and no call.

They are taken inside of an invocation alone, and written down at its end: the command line runs the same steps, and its
output is for people. What a step counts of deliveries it counts last, so that a step that fails and is repeated has
counted nothing; calls to Adobe are counted when they are made, for they were made.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from aws_lambda_powertools.metrics import EphemeralMetrics

from aep_delivery.runtime.figures import FIGURES

NAMESPACE = "AepDelivery"

_taken: EphemeralMetrics | None = None


@contextmanager
def collected() -> Iterator[None]:
    """A context in which figures are taken. At its end they are one line on standard output, or none.

    Their dimension ``service`` is ``POWERTOOLS_SERVICE_NAME``: the stack's name.
    """
    global _taken  # noqa: PLW0603 - a process has one invocation at a time, as Lambda promises
    taken = _taken = EphemeralMetrics(namespace=NAMESPACE)
    try:
        yield
    finally:
        _taken = None
        if taken.metric_set:
            taken.flush_metrics()


def count(**figures: float) -> None:
    """Take figures; outside of :func:`collected` nothing is taken.

    Args:
        figures: By their names in :data:`~aep_delivery.runtime.figures.FIGURES`.
    """
    if _taken is not None:
        for name, figure in figures.items():
            _taken.add_metric(name=name, unit=FIGURES[name].unit, value=figure)


def describe(**properties: str) -> None:
    """Say what the figures are of: found by searching the log, and no dimension, for each value of one would be paid.

    Args:
        properties: Names and ids.
    """
    if _taken is not None:
        for name, value in properties.items():
            _taken.add_metadata(name, value)
