"""What must be true once all has come to rest: one of each, nothing else, and what the last config says."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from aep_delivery.runtime.errors import DeliveryError
from aep_delivery.workflow.services import Services
from tests.faults.harness import KINDS, Execution


def faults_at_rest(
    last: Iterable[bytes], there: Mapping[str, Any], runs: Mapping[str, int], services: Services
) -> list[str]:
    """What is doubled, lost, left over or not as declared.

    Args:
        last: The last version of each config.
        there: All that a sandbox of Adobe's emulator has, by kind.
        runs: How many runs executions have started, by delivery.
        services: The collaborators, on what the deliveries have left behind.
    """
    configs = [json.loads(body) for body in last]
    wrong = [
        f"Adobe has {there[kind]['count']} {kind} for {len(configs)} deliveries"
        for kind in KINDS
        if there[kind]["count"] != len(configs)
    ]
    made = Counter(run["flowId"] for run in there["runs"]["items"])
    for config in configs:
        delivery = f"{config['sandbox']}/{config['name']}"
        marker = f"delivery={delivery} "
        own = {kind: [one for one in there[kind]["items"] if marker in one.get("description", "")] for kind in KINDS}
        found = [f"{len(ones)} {kind}" for kind, ones in own.items() if len(ones) != 1]
        if (ran := sum(made[flow["id"]] for flow in own["flows"])) != runs[delivery]:
            found.append(f"{ran} runs, and {runs[delivery]} were asked for")
        journal = services.store.read_journal(delivery)
        found += [f"{key} is at no rest" for key, one in journal.items() if one.intent or one.superseded]
        if services.store.read_lock(delivery) is not None:
            found.append("the lock was not given back")
        wrong += [f"{delivery}: {one}" for one in [*found, *_difference(config, services)]]
    return wrong


def _difference(config: dict[str, Any], services: Services) -> list[str]:
    """What a plan of the last config would change: nothing."""
    try:
        plan = Execution(services, f"look-{config['name']}", config).make_plan()
    except DeliveryError as error:
        return [f"cannot be planned any more: {error.code}"]
    return [f"{plan.changes} changes are left to do"] if plan.changes else []
