from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aep_delivery.cli.adopted_file import adopted_text, write_adopted
from aep_delivery.config.load import load_config
from aep_delivery.config.models import DeliveryConfig
from aep_delivery.planning.adopting import Adoptable
from aep_delivery.runtime.errors import DeliveryError

FLOW = "18fdb167-abfa-42b5-9629-7bcc3a865d5a"


def adoptable(flow_name="Flights", **names):
    config = {
        "version": 1,
        "name": "flights",
        "sandbox": "prod",
        "adopt": {"dataflow": FLOW},
        "names": {"dataflow": flow_name, **names},
        "destination": {
            "type": "amazon-s3",
            "auth": {"type": "existing-connection", "baseConnectionId": "7ea8cc23-7956-4a4c-bc88-50d0a41c2329"},
            "bucketName": "flights-warehouse",
            "path": "exports",
            "datasetFileType": "PARQUET",
            "compression": "GZIP",
        },
        # An id of digits alone, or one that reads like a number, is a text in the file too.
        "datasets": [{"id": "111111111111111111111111"}, {"id": "1111111111111111111111e5"}],
        "scheduleParams": {
            "exportMode": "FIRST_FULL_THEN_INCREMENTAL",
            "interval": 3,
            "timeUnit": "hour",
            "startTime": "2027-01-01T00:00:00Z",
            "endTime": "2027-06-01T00:00:00Z",
            "foldernameTemplate": "%DATASET_ID%/%DATETIME(YYYYMMdd_HHmmss)%",
        },
    }
    return Adoptable(flow_id=FLOW, flow_name=flow_name, name="flights", config=config)


@given(st.text(max_size=60), st.text(max_size=60))
@example("${bucket} and $${x} and ${", "no # comment: 'quoted' \"twice\"")
@example("0", "0\x850")
@example("line\nversion: 2", "\u2028- x\x85")
@example("\x1b[2Jgone", "null")
def test_it_reads_back_as_it_was_found(flow_name, source):
    found = adoptable(flow_name, sourceConnection=source)
    try:
        expected = DeliveryConfig.from_document(found.config)
    except DeliveryError:
        found = adoptable()
        expected = DeliveryConfig.from_document(found.config)
        found = found.model_copy(update={"flow_name": flow_name})
    text = adopted_text(found)
    assert load_config(text.encode(), "flights.yaml") == expected
    assert text.splitlines()[0].startswith("# yaml-language-server: $schema=")


def test_each_section_is_explained():
    text = adopted_text(adoptable())
    for section in ("adopt:", "names:", "auth:", "scheduleParams:"):
        before, line = text.split(f"\n{' ' * 2 * (section == 'auth:')}{section}\n", 1)[0].rsplit("\n", 1)
        assert line.lstrip().startswith("# "), section
        assert before


def test_nothing_is_written_over(tmp_path):
    (tmp_path / "flights.yaml").write_text("mine")
    assert [written for *_, written in write_adopted(tmp_path, [adoptable()], force=False)] == [False]
    assert (tmp_path / "flights.yaml").read_text() == "mine"


@pytest.mark.parametrize("force", [True, False])
def test_where_nothing_is_it_is_written(tmp_path, force):
    ((_, path, written),) = write_adopted(tmp_path / "a" / "b", [adoptable()], force=force)
    assert (path, written) == (tmp_path / "a" / "b" / "flights.yaml", True)
    assert path.read_text() == adopted_text(adoptable())
