"""What the template shows and tells an operator: logs that end, a dashboard and alarms of metrics that there are."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from aep_delivery.runtime.figures import FIGURES
from aep_delivery.runtime.metrics import NAMESPACE
from tests.template.definition import load_template

TEMPLATE = load_template()
RESOURCES: dict[str, dict[str, Any]] = TEMPLATE["Resources"]
STATISTICS = {"Sum", "Maximum", "Minimum", "Average", "SampleCount", "p50"}
ABSENCE = "FreshnessUnwatchedAlarm"
"""The one alarm of what does not happen."""
# AWS: "Types of metrics for Lambda functions", "Monitoring Step Functions metrics", "Available CloudWatch metrics for SQS".
AWS_METRICS = {
    "AWS/Lambda": {"Errors", "Throttles", "Invocations", "ConcurrentExecutions", "Duration"},
    "AWS/States": {"ExecutionsStarted", "ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"},
    "AWS/SQS": {"ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage"},
    # "Monitoring Amazon EventBridge": what was neither delivered, in all attempts, nor put to the dead letters.
    "AWS/Events": {"FailedInvocations"},
}


def of_type(kind: str) -> dict[str, dict[str, Any]]:
    return {name: resource["Properties"] for name, resource in RESOURCES.items() if resource["Type"] == kind}


ALARMS = of_type("AWS::CloudWatch::Alarm")
MACHINES = of_type("AWS::Serverless::StateMachine")
[DASHBOARD] = of_type("AWS::CloudWatch::Dashboard").values()
BODY = json.loads(DASHBOARD["DashboardBody"]["Fn::Sub"])
WIDGETS: list[dict[str, Any]] = BODY["widgets"]


def rows() -> Iterator[list[Any]]:
    for widget in WIDGETS:
        yield from widget["properties"].get("metrics", [])


def drawn() -> Iterator[tuple[str, str]]:
    """Namespace and name of every metric on the dashboard, those inside of expressions included."""
    for row in rows():
        if isinstance(row[0], str):
            yield row[0], row[1]
        elif found := re.search(r'\{(\S+),\w+\} MetricName="(\w+)"', row[0]["expression"]):
            yield found[1], found[2]


def test_every_log_group_ends_some_time():
    groups = of_type("AWS::Logs::LogGroup")
    assert groups
    assert [name for name, group in groups.items() if group.get("RetentionInDays") != {"Ref": "LogRetentionDays"}] == []


@pytest.mark.parametrize("name", MACHINES)
def test_every_workflow_logs_to_a_group_of_its_own_and_is_traced(name):
    machine = MACHINES[name]
    [destination] = machine["Logging"]["Destinations"]
    arn = destination["CloudWatchLogsLogGroup"]["LogGroupArn"]
    group, _ = arn["Fn::GetAtt"]
    assert group in of_type("AWS::Logs::LogGroup")
    users = [one["Logging"]["Destinations"] for one in MACHINES.values()].count([destination])
    assert users == 1
    assert machine["Logging"]["IncludeExecutionData"] is False
    assert machine["Tracing"] == {"Enabled": True}


def test_functions_are_traced_and_log_to_the_declared_group_at_the_level_asked_for():
    common = TEMPLATE["Globals"]["Function"]
    assert common["Tracing"] == "Active"
    assert common["LoggingConfig"] == {"LogGroup": {"Ref": "FunctionLogs"}}
    variables = common["Environment"]["Variables"]
    assert variables["POWERTOOLS_LOG_LEVEL"] == {"Ref": "LogLevel"}
    # The dimension of all figures, so that two stacks of an account are told apart.
    assert variables["POWERTOOLS_SERVICE_NAME"] == {"Ref": "AWS::StackName"}
    assert not [name for name, each in of_type("AWS::Serverless::Function").items() if "LoggingConfig" in each]


def test_the_dashboard_shows_every_figure_of_ours_and_no_other():
    assert {name for namespace, name in drawn() if namespace == NAMESPACE} == set(FIGURES)


def test_the_dashboard_shows_only_what_aws_has():
    shown = [(namespace, name) for namespace, name in drawn() if namespace != NAMESPACE]
    assert [(namespace, name) for namespace, name in shown if name not in AWS_METRICS.get(namespace, set())] == []


def test_figures_are_asked_for_by_the_dimension_they_have():
    for row in rows():
        if row[0] == NAMESPACE:
            assert row[2:4] == ["service", "${AWS::StackName}"], row
            assert row[4]["stat"] in STATISTICS


def test_every_workflow_is_on_the_dashboard():
    for metric in ("ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted", "ExecutionsStarted"):
        named = {row[3] for row in rows() if row[0:2] == ["AWS/States", metric]}
        assert named == {f"${{{name}}}" for name in MACHINES}, metric


def test_every_alarm_is_on_the_dashboard():
    [widget] = [widget for widget in WIDGETS if widget["type"] == "alarm"]
    assert sorted(widget["properties"]["alarms"]) == sorted(f"${{{name}.Arn}}" for name in ALARMS)


def test_what_the_dashboard_refers_to_is_in_the_template():
    named = set(re.findall(r"\$\{([\w.:]+)\}", DASHBOARD["DashboardBody"]["Fn::Sub"]))
    assert {name.partition(".")[0] for name in named if not name.startswith("AWS::")} <= set(RESOURCES)


def test_the_list_of_verdicts_reads_figures_that_come_together():
    [query] = [widget["properties"]["query"] for widget in WIDGETS if widget["type"] == "log"]
    assert set(re.findall(r"(\w+)\.0", query)) <= set(FIGURES)


def test_widgets_do_not_overlap_and_stay_within_the_width():
    taken: set[tuple[int, int]] = set()
    for widget in WIDGETS:
        cells = {
            (x, y)
            for x in range(widget["x"], widget["x"] + widget["width"])
            for y in range(widget["y"], widget["y"] + widget["height"])
        }
        assert not cells & taken, widget["properties"]["title"]
        assert max(x for x, _ in cells) < 24
        taken |= cells


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_watches_a_metric_that_there_is(name):
    alarm = ALARMS[name]
    known = set(FIGURES) if alarm["Namespace"] == NAMESPACE else AWS_METRICS[alarm["Namespace"]]
    assert alarm["MetricName"] in known
    if alarm["Namespace"] == NAMESPACE:
        assert alarm["Dimensions"] == [{"Name": "service", "Value": {"Ref": "AWS::StackName"}}]


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_tells_the_topic_and_says_what_silence_means(name):
    alarm = ALARMS[name]
    topic = {"Fn::If": ["HasAlarmTopic", [{"Ref": "AlarmTopicArn"}], {"Ref": "AWS::NoValue"}]}
    assert alarm["AlarmActions"] == topic
    # What a schedule looks at stands as it was seen last; of all else, nothing to count is nothing wrong.
    looked_at = alarm["Namespace"] == NAMESPACE and FIGURES[alarm["MetricName"]].statistic == "Maximum"
    expected = "ignore" if looked_at and alarm["MetricName"] != "CircuitOpen" else "notBreaching"
    absence = {"Fn::If": ["WatchesFreshness", "breaching", "notBreaching"]}
    assert alarm["TreatMissingData"] == (absence if name == ABSENCE else expected)
    if expected == "ignore" or name == ABSENCE:
        assert alarm["OKActions"] == topic


@pytest.mark.parametrize("metric", ["ExecutionsFailed", "ExecutionsTimedOut"])
def test_every_workflow_has_an_alarm(metric):
    watched = [alarm["Dimensions"][0]["Value"]["Ref"] for alarm in ALARMS.values() if alarm["MetricName"] == metric]
    assert sorted(watched) == sorted(MACHINES)


def test_a_request_cannot_be_lost_unseen():
    """It lies in the queue, or among the dead letters; or EventBridge could bring it to neither."""
    rules = {*of_type("AWS::Events::Rule"), "ReceiveRemovalFunctionRemovalRequested"}
    lost = {alarm["Dimensions"][0]["Value"]["Ref"] for alarm in ALARMS.values() if alarm["Namespace"] == "AWS/Events"}
    # The page is drawn anew every hour whatever its rules bring, and its own age has an alarm.
    assert rules - lost == {"StatusChangedRule", "StatusHourlyRule"}
    queues = {
        alarm["Dimensions"][0]["Value"]["Fn::GetAtt"][0] for alarm in ALARMS.values() if alarm["Namespace"] == "AWS/SQS"
    }
    assert queues == {*of_type("AWS::SQS::Queue")}


def test_the_watch_of_all_deliveries_is_watched_itself():
    alarm = ALARMS[ABSENCE]
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/States", "ExecutionsStarted")
    assert alarm["Dimensions"][0]["Value"] == {"Ref": "WatchFreshnessStateMachine"}
    assert (alarm["ComparisonOperator"], alarm["Threshold"], alarm["Period"]) == ("LessThanThreshold", 1, 86400)


def test_what_must_not_go_unseen_has_an_alarm():
    watched = {alarm["MetricName"] for alarm in ALARMS.values()}
    assert {"Mismatches", "DeliveriesLate", "CircuitOpen", "TokenFailures", "Throttles"} <= watched
