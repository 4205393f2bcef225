"""That who listens for secrets would hear one."""

from __future__ import annotations

import pytest

from aep_delivery.runtime.errors import UserError
from aep_delivery.runtime.log import logger
from tests.proof.conftest import Ground
from tests.proof.leaks import LEAKS, SECRETS

SECRET, NAME = next(iter(SECRETS.items()))


@pytest.mark.usefixtures("overheard")
def test_a_secret_is_heard_wherever_it_is(ground: Ground) -> None:
    stack = ground.fresh()
    LEAKS.found(stack)

    logger.debug("the secret is %s", SECRET)
    assert LEAKS.found(stack) == [f"{NAME} is in what was said"]
    LEAKS.hear(UserError("It is refused.", code="a.b", details=[SECRET]))
    assert LEAKS.found(stack) == [f"{NAME} is in what was said"]
    stack.services.documents.put("a.json", SECRET)
    assert LEAKS.found(stack) == [f"{NAME} is in the documents"]
    stack.services.documents.kept.clear()
    assert LEAKS.found(stack) == []
    LEAKS.tokens.add("ey.planted")
    logger.info("Bearer ey.planted")
    assert LEAKS.found(stack) == ["an access token is in what was said"]
    LEAKS.tokens.clear()
