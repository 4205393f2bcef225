"""A gzip file that one function after another reads is judged as by one reader, whole or not."""

from __future__ import annotations

import gzip
import hashlib
import random
from collections.abc import Callable
from itertools import pairwise

import pytest
from isal import igzip

from aep_delivery.runtime.errors import InternalError
from aep_delivery.storage.memory import MemoryReader
from aep_delivery.verification.checkers.base import FileCheck
from aep_delivery.verification.checkers.csv_file import CsvChecker
from aep_delivery.verification.checkers.ndjson import NdjsonChecker
from aep_delivery.verification.expectation import Expectation
from aep_delivery.verification.limits import Limits
from aep_delivery.verification.parts.checking import check_leg
from aep_delivery.verification.parts.legs import Handover
from aep_delivery.verification.parts.models import PartCheck
from aep_delivery.verification.parts.seal import Sealed, seal, unseal

RANDOM = random.Random(11)  # noqa: S311 - test data
JSON = b"".join(b'{"id":%d,"v":"%x"}\n' % (n, RANDOM.getrandbits(64)) for n in range(60_000))
CSV = b"id,note\n" + b"".join(b'%d,"%x\n,""%x"\n' % (n, n, RANDOM.getrandbits(80)) for n in range(60_000))
LEG = 64_000


def expectation(file_type: str = "JSON") -> Expectation:
    given = {"location": "s3://b", "datasets": [{"id": "d", "name": "D"}], "compression": "GZIP"}
    return Expectation.model_validate({**given, "file_type": file_type})


def in_legs(data: bytes, file_type: str = "JSON", size: int = LEG) -> tuple[FileCheck, list[PartCheck]]:
    """Each leg goes on with what the one before has sealed, as if in another process."""
    reader = MemoryReader()
    stored = reader.put("part-0.gz", data)
    legs: tuple[PartCheck, ...] = ()
    after: Handover | None = None
    for _ in range(60):
        outcome = check_leg(
            expectation(file_type), stored, legs, after, reader, limits=Limits(), is_over=lambda read: read >= size
        )
        if outcome.handover is None:
            return outcome.files[0].check, list(outcome.legs)
        sealed, key = seal(outcome.handover)
        after = unseal(Sealed.model_validate_json(sealed.model_dump_json()), key)
        legs = tuple(PartCheck.model_validate_json(leg.model_dump_json()) for leg in outcome.legs)
    raise AssertionError("it has no end")


def whole(data: bytes, file_type: str = "JSON") -> FileCheck:
    reader = MemoryReader()
    checker = CsvChecker(gzip=True) if file_type == "CSV" else NdjsonChecker(gzip=True)
    return checker.check(reader.put("part-0.gz", data), reader, Limits())


def told(check: FileCheck) -> FileCheck:
    return check.model_copy(update={"sha256": None, "parts": (), "bytes_read": 0})


def in_members(content: bytes) -> bytes:
    return b"".join(gzip.compress(content[at : at + 400_000]) for at in range(0, len(content), 400_000))


WRITERS: dict[str, Callable[[bytes], bytes]] = {
    "zlib 1": lambda content: gzip.compress(content, 1),
    "zlib 6": lambda content: gzip.compress(content, 6),
    "ISA-L": lambda content: igzip.compress(content, 1),
    "members": in_members,
}


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize(("file_type", "content"), [("JSON", JSON), ("CSV", CSV)])
def test_legs_say_what_one_reader_says(writer: str, file_type: str, content: bytes) -> None:
    data = WRITERS[writer](content)
    check, legs = in_legs(data, file_type)
    assert len(legs) > 2
    assert told(check) == told(whole(data, file_type))
    assert (check.rows, check.checksummed, check.findings) == (60_000, True, ())
    assert all(before.end == after.start for before, after in pairwise(check.parts))
    assert (check.parts[0].start, check.parts[-1].end) == (0, len(data))
    for part in check.parts:
        assert part.sha256 == hashlib.sha256(data[part.start : part.end]).hexdigest()
    # No byte is read again but those in which a place to go on was looked for.
    assert check.bytes_read < len(data) + len(legs) * 700_000


@pytest.mark.parametrize("seed", range(24))
def test_damage_is_found_where_one_reader_finds_it(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - test data
    data = bytearray(gzip.compress(JSON))
    if seed % 3 == 0:
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    elif seed % 3 == 1:
        data = data[: chance.randrange(1, len(data))]
    else:
        data[-chance.randrange(1, 9)] ^= 0xFF
    expected = whole(bytes(data))
    check, _ = in_legs(bytes(data), size=chance.choice([64_000, 150_000, 300_000]))
    assert told(check) == told(expected)
    # What stands in the first ten bytes, but for the magic and the flags, proves nothing.
    assert check.findings or (seed % 3 == 0 and expected.findings == ())


def test_a_row_longer_than_a_leg_is_judged_once() -> None:
    noise = "".join(f"{RANDOM.getrandbits(64):x}" for _ in range(60_000))
    content = JSON[:800_000].rpartition(b"\n")[0] + b'\n{"long":"' + noise.encode() + b'"}\n' + JSON
    data = gzip.compress(content)
    check, legs = in_legs(data, size=64_000)
    assert len(legs) > 3
    assert told(check) == told(whole(data))
    assert check.findings == ()


def test_what_cannot_be_left_is_looked_at_for_its_structure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aep_delivery.verification.parts.legs.find_block", lambda *_: None)
    monkeypatch.setattr("aep_delivery.verification.parts.legs._TRIES", 1)
    check, legs = in_legs(gzip.compress(JSON), size=64_000)
    assert (check.level, check.rows, legs) == ("structure", None, [])
    assert [finding.code for finding in check.findings] == ["file.too-large-to-check"]


def test_what_is_handed_over_is_sealed() -> None:
    reader = MemoryReader()
    stored = reader.put("part-0.gz", gzip.compress(b'{"canary":"tweety"}\n' * 50 + JSON))
    outcome = check_leg(expectation(), stored, (), None, reader, limits=Limits(), is_over=lambda read: read >= LEG)
    assert outcome.handover
    sealed, key = seal(outcome.handover)
    text = sealed.model_dump_json()
    window = outcome.handover.midst.window
    assert len(window) == 32768
    assert window[:16].decode() not in text
    assert key not in text
    assert unseal(sealed, key) == outcome.handover
    with pytest.raises(InternalError) as caught:
        unseal(sealed, seal(outcome.handover)[1])
    assert caught.value.code == "verification.wrong-seal"
