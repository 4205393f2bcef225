from __future__ import annotations

import json

import httpx
import pytest

from aep_delivery.adobe.budget import Budget
from aep_delivery.adobe.manners import CircuitOpenError
from aep_delivery.runtime.secrets import MemorySecrets
from aep_delivery.workflow.adobe_budgets import DynamoDBBudgets

FLOWS = "/data/foundation/flowservice/flows"
ORGANISATION = "0123@AdobeOrg"


@pytest.fixture
def adobe(services):
    """Every call gets the same answer; what was asked is kept."""
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(200, json={"access_token": "t", "expires_in": 86_400})

    services.http = httpx.Client(transport=httpx.MockTransport(answer))
    credential = {"client_id": "c", "client_secret": "s", "org_id": ORGANISATION}
    services.secrets = MemorySecrets({services.settings.adobe_secret: json.dumps(credential)})
    return asked


def test_all_sandboxes_share_the_budget_of_their_organisation(services, adobe):
    services.keep_manners_here()
    for sandbox in ("prod", "dev", "prod"):
        services.adobe(sandbox).request("GET", FLOWS)
    budget = services.budgets.read(ORGANISATION)
    assert (budget.version, budget.window_calls) == (1, 5), "one batch for all three"
    assert adobe.count(FLOWS) == 3


def test_what_another_function_has_found_out_holds_here(services, adobe):
    services.keep_manners_here()
    now = services.clock.now()
    down = Budget.full(20, now).model_copy(update={"opened_at": now, "probe_at": now.replace(year=now.year + 1)})
    services.budgets.write(ORGANISATION, down)
    with pytest.raises(CircuitOpenError):
        services.adobe("prod").request("GET", FLOWS)
    assert adobe == []


def test_functions_find_the_budget_in_the_state_table(services, aws_account):
    assert isinstance(services.budgets, DynamoDBBudgets)
