from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aep_delivery.planning.ownership import OwnerMarker, read_marker
from aep_delivery.state.records import ResourceKind

MARKERS = st.builds(
    OwnerMarker,
    owner=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9-]{0,127}", fullmatch=True),
    delivery_id=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,60}/[a-z][a-z0-9-]{1,62}", fullmatch=True),
    kind=st.sampled_from(ResourceKind),
)
HOSTILE = st.one_of(
    st.text(max_size=500),
    MARKERS.map(lambda marker: marker.text),
    st.builds(lambda a, marker, b: f"{a}{marker.text}{b}", st.text(max_size=20), MARKERS, st.text(max_size=20)),
    st.sampled_from(
        ["[aep-delivery", "[aep-delivery owner=", "[[aep-delivery[aep-delivery", "]", "\n", "(aep-delivery"]
    ),
)


@settings(deadline=None)
@given(MARKERS, HOSTILE)
def test_what_is_described_is_read_back_whatever_the_description(marker: OwnerMarker, description: str) -> None:
    described = marker.describe(description)

    assert read_marker(described) == marker
    assert marker.marks(described)


@settings(deadline=None)
@given(MARKERS, MARKERS, HOSTILE)
def test_nobody_elses_marker_marks(mine: OwnerMarker, other: OwnerMarker, description: str) -> None:
    assert other.marks(mine.describe(description)) is (mine == other)


@settings(deadline=None)
@given(MARKERS, st.text(max_size=50), st.text(max_size=50))
def test_marker_is_found_wherever_a_person_moved_it(marker: OwnerMarker, before: str, after: str) -> None:
    assert read_marker(f"{before.replace('[', '')}{marker.text}{after}") == marker


@pytest.mark.parametrize(
    "description",
    [
        None,
        "",
        "Managed by hand",
        "[aep-delivery owner=a delivery=prod/x kind=volcano]",
        "[aep-delivery owner= delivery=prod/x kind=dataflow]",
        "[aep-delivery owner=a delivery=prod/x kind=dataflow",
    ],
)
def test_no_marker_no_owner(description: str | None) -> None:
    assert read_marker(description) is None


def test_words_of_the_description_stay_readable() -> None:
    marker = OwnerMarker(owner="the-stack", delivery_id="prod/planes", kind=ResourceKind.DATAFLOW)

    assert marker.describe("Planes, for the warehouse") == (
        "Planes, for the warehouse [aep-delivery owner=the-stack delivery=prod/planes kind=dataflow]"
    )


def test_what_looks_like_a_marker_in_the_description_stays_readable_too() -> None:
    marker = OwnerMarker(owner="the-stack", delivery_id="prod/planes", kind=ResourceKind.DATAFLOW)

    assert marker.describe("[aep-delivery owner=thief]") == f"(aep-delivery owner=thief] {marker.text}"
