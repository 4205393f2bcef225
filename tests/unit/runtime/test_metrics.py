from __future__ import annotations

import json

import pytest

from aep_delivery.runtime.metrics import collected, count, describe


@pytest.fixture(autouse=True)
def stack(monkeypatch):
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "stack")


def lines(capsys):
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_figures_of_an_invocation_are_one_line_for_cloudwatch(capsys):
    with collected():
        describe(delivery="prod/orders")
        count(AdobeCalls=1, AdobeErrors=False)
        count(AdobeCalls=1, Bytes=2048)
    [line] = lines(capsys)
    [metrics] = line["_aws"]["CloudWatchMetrics"]
    assert metrics["Namespace"] == "AepDelivery"
    assert {each["Name"]: each["Unit"] for each in metrics["Metrics"]} == {
        "AdobeCalls": "Count",
        "AdobeErrors": "Count",
        "Bytes": "Bytes",
    }
    assert (line["AdobeCalls"], line["AdobeErrors"], line["Bytes"]) == ([1.0, 1.0], [0.0], [2048.0])


def test_a_delivery_is_found_by_searching_and_is_no_dimension(capsys):
    with collected():
        describe(delivery="prod/orders")
        count(Rows=3)
    [line] = lines(capsys)
    assert line["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["service"]]
    assert (line["service"], line["delivery"]) == ("stack", "prod/orders")


def test_figures_that_were_taken_before_an_error_are_written(capsys):
    def failing():
        with collected():
            count(AdobeCalls=1)
            raise ValueError("boom")

    with pytest.raises(ValueError, match="boom"):
        failing()
    assert [line["AdobeCalls"] for line in lines(capsys)] == [[1.0]]


def test_one_invocation_leaves_nothing_to_the_next(capsys):
    with collected():
        describe(delivery="prod/orders")
        count(Rows=3)
    with collected():
        count(Files=1)
    first, second = lines(capsys)
    assert "Files" not in first
    assert not {"Rows", "delivery"} & set(second)


def test_nothing_is_written_where_nothing_was_taken_or_nobody_collects(capsys):
    with collected():
        pass
    count(Rows=3)
    describe(delivery="prod/orders")
    assert capsys.readouterr().out == ""


def test_more_values_than_one_line_takes_are_several_lines(capsys):
    with collected():
        for _ in range(250):
            count(AdobeCalls=1)
    assert [len(line["AdobeCalls"]) for line in lines(capsys)] == [100, 100, 50]
