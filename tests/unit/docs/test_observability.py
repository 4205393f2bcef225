"""The page on observability names what lines of the log really have, and asks for nothing else."""

from __future__ import annotations

import io
import json
import re
from types import SimpleNamespace

import pytest
from pydantic import BaseModel

from aep_delivery.runtime.errors import ErrorDocument, UserError
from aep_delivery.runtime.figures import FIGURES
from aep_delivery.runtime.log import logger
from aep_delivery.runtime.step import step
from tests.unit.docs.pages import ROOT, Sample, all_samples, bare, tables

PAGE = "docs/explanation/observability.md"
QUERIES = all_samples("insights")
COMMANDS = {"fields", "filter", "stats", "sort", "limit"}
_WORD = re.compile(r"[A-Za-z_@][\w.@]*")
_LANGUAGE = {"and", "as", "asc", "by", "desc", "ispresent", "count", "latest", "sum", "max", "bin", "d"}


class Ask(BaseModel):
    execution: str
    delivery_id: str


@step(Ask)
def handler(message: Ask) -> Ask:
    if message.execution == "defect":
        raise KeyError
    raise UserError("No.", code="a.b", hint="Do.", place="here")


@pytest.fixture
def line(monkeypatch):
    """What a step that fails writes into the log."""

    def failing(execution):
        written = io.StringIO()
        monkeypatch.setattr(logger.handlers[0], "stream", written)
        monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1-abc")
        context = SimpleNamespace(
            function_name="f",
            memory_limit_in_mb=1,
            invoked_function_arn="arn",
            aws_request_id="r",
            get_remaining_time_in_millis=lambda: 1000,
        )
        with pytest.raises(Exception, match=r"a\.b|internal"):
            handler({"execution": execution, "delivery_id": "prod/orders"}, context)
        return json.loads(written.getvalue())

    return failing


def test_lines_have_the_fields_of_the_table(line):
    [table] = [table for table in tables(PAGE) if table.head[0] == "Field"]
    told = {bare(cell) for cell in table.column("Field")}
    assert told <= set(line("e-1")) | set(line("defect"))


@pytest.mark.parametrize("query", QUERIES, ids=str)
def test_queries_ask_for_fields_that_lines_have(query: Sample, line):
    documents = {f"error_document.{name}" for name in ErrorDocument.model_fields}
    known = set(line("e-1")) | documents | {f"{name}.0" for name in FIGURES} | {"@timestamp"}
    text = re.sub(r'"[^"]*"', "", query.text)
    stages = [stage.strip() for stage in text.split("\n")]
    named_here = set(re.findall(r"\bas (\w+)", text))
    for stage in stages:
        command, _, rest = stage.removeprefix("| ").partition(" ")
        assert command in COMMANDS | {""}, stage
        assert set(_WORD.findall(rest)) <= known | named_here | _LANGUAGE, stage


def test_the_page_says_what_the_metrics_cost_in_all():
    # Thirty cents each: "about 10 USD" and "three dozen" must stay true.
    assert 30 <= len(FIGURES) <= 40
    text = (ROOT / PAGE).read_text("utf-8")
    assert "three dozen metrics, about 10 USD" in text
