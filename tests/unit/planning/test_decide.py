from __future__ import annotations

from datetime import UTC, datetime

import pytest

from aep_delivery.planning.decide import decide
from aep_delivery.planning.live import LiveResources
from aep_delivery.planning.plan import PlannedAction
from aep_delivery.state.records import Action, DoneRecord, JournalEntry, ResourceKind
from tests.unit.planning.declarations import declaration, live

DECLARED = declaration().base_connection()
AS_DECLARED = live(DECLARED, "a")
RENAMED = live(DECLARED, "a", name="By hand")
OLD = live(DECLARED, "old")


def entry(done: str | None = "a", version: str | None = "v1", superseded: tuple[str, ...] = ()) -> JournalEntry:
    record = DoneRecord(
        action=Action.CREATE,
        resource_id=done or "-",
        fingerprint="f",
        credential_version=version,
        written_at=datetime(2027, 1, 1, tzinfo=UTC),
        fencing_token=1,
    )
    return JournalEntry(key=ResourceKind.BASE_CONNECTION, done=record if done else None, superseded=superseded)


@pytest.mark.parametrize(
    ("found", "known", "version", "action", "rotates", "supersedes"),
    [
        pytest.param(LiveResources(current=None), None, "v1", PlannedAction.CREATE, False, [], id="nothing"),
        pytest.param(LiveResources(current=None), entry(), "v1", PlannedAction.CREATE, False, [], id="deleted"),
        pytest.param(
            LiveResources(current=None, superseded=(OLD,)), entry("old"), "v1", PlannedAction.REPLACE, False, ["old"],
            id="other-datasets",
        ),
        pytest.param(LiveResources(current=AS_DECLARED), entry(), "v1", PlannedAction.KEEP, False, [], id="as-declared"),
        pytest.param(LiveResources(current=AS_DECLARED), entry(), "v2", PlannedAction.UPDATE, True, [], id="rotated"),
        pytest.param(LiveResources(current=AS_DECLARED), entry(), None, PlannedAction.KEEP, False, [], id="no-secret"),
        pytest.param(LiveResources(current=RENAMED), entry(), "v1", PlannedAction.UPDATE, False, [], id="renamed"),
        pytest.param(LiveResources(current=AS_DECLARED), None, "v1", PlannedAction.ADOPT, True, [], id="unknown"),
        pytest.param(LiveResources(current=RENAMED), entry("b"), None, PlannedAction.ADOPT, False, [], id="another-known"),
        pytest.param(
            LiveResources(current=AS_DECLARED, superseded=(OLD,)), entry(superseded=("old",)), "v1",
            PlannedAction.KEEP, False, ["old"], id="left-over",
        ),
        pytest.param(
            LiveResources(current=AS_DECLARED), entry(superseded=("gone",)), "v1", PlannedAction.KEEP, False, ["gone"],
            id="left-over-that-is-not-listed",
        ),
        pytest.param(
            LiveResources(current=AS_DECLARED), entry("b", superseded=("a",)), None,
            PlannedAction.ADOPT, False, [], id="back-to-the-former",
        ),
    ],
)  # fmt: skip
def test_table(  # noqa: PLR0917 - the columns of the table
    found: LiveResources,
    known: JournalEntry | None,
    version: str | None,
    action: PlannedAction,
    rotates: bool,
    supersedes: list[str],
) -> None:
    planned = decide(DECLARED, found, known, version)

    assert planned.action is action
    assert planned.rotates_credentials is rotates
    assert planned.supersedes == supersedes
    assert planned.id == (found.current.id if found.current else None)
    assert planned.does_something is (action is not PlannedAction.KEEP or bool(supersedes))


@pytest.mark.parametrize("description", [None, "Made in the UI", DECLARED.body["description"]])
def test_ownership_is_taken_of_what_is_not_marked(description: str | None) -> None:
    found = LiveResources(current=live(DECLARED, "a", description=description))

    assert decide(DECLARED, found, None).takes_ownership is (description != DECLARED.body["description"])


ROLE = "arn:aws:iam::123456789012:role/adobe"


@pytest.mark.parametrize(
    ("sent", "before"),
    [("arn:aws:iam::123456789012:role/old", "arn:aws:iam::123456789012:role/old"), ("v1", "(a secret)")],
)
def test_another_role_is_a_change_that_can_be_read(sent: str, before: str) -> None:
    auth = {"type": "assumed-role", "s3Role": ROLE}
    declared = declaration(destination={"auth": auth}).base_connection()

    planned = decide(declared, LiveResources(current=live(declared, "a")), entry(version=sent), ROLE)

    (change,) = planned.changes
    assert (change.path, change.before, change.after) == ("auth.params", before, ROLE)
    assert planned.rotates_credentials
    assert decide(declared, LiveResources(current=live(declared, "a")), entry(version=ROLE), ROLE).changes == []
