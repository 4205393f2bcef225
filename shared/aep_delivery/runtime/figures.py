"""What is counted and measured for CloudWatch: a closed list, from which the reference is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from aws_lambda_powertools.metrics import MetricUnit


class Figure(NamedTuple):
    """One metric."""

    unit: MetricUnit
    statistic: Literal["Sum", "Maximum"]
    """The one that means something."""
    meaning: str
    """One sentence for the reference."""


def _count(meaning: str) -> Figure:
    return Figure(MetricUnit.Count, "Sum", meaning)


def _at_the_moment(meaning: str) -> Figure:
    return Figure(MetricUnit.Count, "Maximum", meaning)


FIGURES: Mapping[str, Figure] = {
    # How deliveries end.
    "VerdictVerified": _count("Executions that ended `VERIFIED`."),
    "VerdictEmpty": _count("Executions that ended `EMPTY`."),
    "VerdictIncomplete": _count("Executions that ended `INCOMPLETE`."),
    "VerdictCorrupt": _count("Executions that ended `CORRUPT`."),
    "VerdictCountMismatch": _count("Executions that ended `COUNT_MISMATCH`."),
    "VerdictSizeMismatch": _count("Executions that ended `SIZE_MISMATCH`."),
    "VerdictUnexpectedFiles": _count("Executions that ended `UNEXPECTED_FILES`."),
    "VerdictUnstable": _count("Executions that ended `UNSTABLE`."),
    "VerdictRunPartial": _count("Executions that ended `RUN_PARTIAL`."),
    "VerdictRunFailed": _count("Executions that ended `RUN_FAILED`."),
    "VerdictNoRun": _count("Executions that ended `NO_RUN`."),
    "VerdictFailed": _count("Executions that an error ended before there was a verdict: their receipt says `FAILED`."),
    "Mismatches": _count('Verdicts that the event "Delivery Mismatch Found" tells of.'),
    # What was exported, and what looking at it took.
    "RunsEnded": _count("Runs of Adobe's that were awaited and have ended, well or not."),
    "Rows": _count("Rows counted in the files of executions that have a verdict."),
    "Files": _count("Data files of executions that have a verdict."),
    "Bytes": Figure(MetricUnit.Bytes, "Sum", "Bytes of these files, as they lie in storage."),
    "VerificationSeconds": Figure(
        MetricUnit.Seconds, "Maximum", "From listing the files of a run to its verdict, on the clock."
    ),
    # What the watches see.
    "SecondsSinceVerified": Figure(
        MetricUnit.Seconds, "Maximum", "Age of a delivery's last good verdict when it was looked at; of the oldest."
    ),
    "DeliveriesLate": _at_the_moment("1 for a delivery that is late, 0 for one that is not."),
    "SchedulesEnding": _at_the_moment("1 for a delivery whose schedule ends soon or has ended, else 0."),
    "DataflowsDisabled": _at_the_moment("1 for a delivery whose dataflow is disabled or gone, else 0."),
    "CredentialsExpiring": _at_the_moment("Credentials of a delivery that expire soon or have expired."),
    "VerificationsStarted": _count("Verifications that the search for runs has started."),
    "RunsWaiting": _at_the_moment("Runs that wait to be verified."),
    "StatusEventsNotNoted": _count("Events that the status page could not make out."),
    # How it goes with Adobe.
    "AdobeCalls": _count("Requests to Adobe's platform, repetitions included; tokens are not counted."),
    "AdobeErrors": _count("Those that Adobe answered with 5xx, or not at all."),
    "AdobeThrottled": _count("Those that Adobe answered with 429."),
    "CircuitOpen": _at_the_moment("1 while nobody asks Adobe because it is down, 0 when it is well again."),
    "TokenFailures": _count("Access tokens that Adobe's identity service did not give."),
    # How it goes with Lambda.
    "ColdStarts": _count("Invocations that had to start a process first."),
}
"""By the name in CloudWatch, in the order of the reference."""
