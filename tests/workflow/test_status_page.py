"""Whatever ends shows on one page in the work bucket, with links that work wherever the bucket is copied to."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from datetime import datetime
from posixpath import normpath
from typing import Any

import pytest

from tests.workflow.bench import Bench, validate
from tests.workflow.test_remove import remove

pytestmark = pytest.mark.workflow

Document = dict[str, Any]


def drawn(bench: Bench, until: Callable[[Document], bool], *, seconds: float = 30) -> tuple[Document, str]:
    """The document and the page, once the document is as wanted."""
    document: Document = {}
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if "status/index.html" in bench.installation.documents("status/"):
            document = json.loads(bench.installation.document("status/status.json"))
            page = bench.installation.document("status/index.html")
            if until(document) and document["drawnAt"][:19] in page.replace("Z", ""):
                return document, page
        time.sleep(0.2)
    raise AssertionError(f"the page was not drawn: {json.dumps(document)[:2000]}")


def of(document: Document, config: dict[str, Any]) -> Document | None:
    name = f"{config['sandbox']}/{config['name']}"
    return next((one for one in document["deliveries"] if one["id"] == name), None)


def test_the_page_shows_what_is_well_what_is_broken_and_what_was_removed(bench: Bench) -> None:
    well, broken = bench.config(), bench.config()
    verified = bench.deliver(well)
    bench.control("POST", "run-faults", {"outcome": "fail", "errors": [{"code": "CONN-1", "message": "Key expired"}]})
    failed = bench.deliver(broken)
    assert verified.verdict == "VERIFIED", verified.cause
    assert failed.verdict == "RUN_FAILED", failed.cause

    document, page = drawn(bench, lambda it: bool((of(it, well) or {}).get("latest") and of(it, broken)))

    validate(document, "status")
    good, bad = of(document, well), of(document, broken)
    assert good is not None
    assert bad is not None
    assert (good["latest"]["verdict"], good["needsAttention"], good["freshness"]) == ("VERIFIED", False, "on request")
    assert (bad["latest"]["verdict"], bad["needsAttention"]) == ("RUN_FAILED", True)
    assert good["latest"]["rows"] == verified.receipt["verification"]["rows"]
    assert good["bytesThisYear"] == verified.receipt["verification"]["bytes"] > 0
    assert (
        datetime.fromisoformat(good["nextRun"]).hour == datetime.fromisoformat(well["scheduleParams"]["startTime"]).hour
    )
    assert document["deliveries"].index(bad) < document["deliveries"].index(good)
    for ended in (verified, failed):
        receipt = ended.event["detail"]["receiptPage"].partition("://")[2].partition("/")[2]
        links = {normpath(f"status/{link}") for link in re.findall(r'href="(\.\./[^"]+)"', page)}
        assert receipt in links
        assert bench.installation.document(receipt) == ended.page

    assert remove(bench, well).status == "SUCCEEDED"

    document, page = drawn(bench, lambda it: of(it, well) is None)
    assert f"{well['sandbox']}/{well['name']}" in [one["id"] for one in document["removed"]]
    assert of(document, broken) is not None
    assert "Removed" in page
