"""What is mutated, and the quick tests that must notice."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """Modules that decide one thing.

    Attributes:
        name: On the command line.
        what: For people.
        modules: Below ``shared/aep_delivery``.
        tests: Below ``tests``, a few seconds in all: of each mutant those run that reach its function.
        only: Which of them, in the words of pytest's ``-k``; all where it is empty.
    """

    name: str
    what: str
    modules: tuple[str, ...]
    tests: tuple[str, ...]
    only: str = ""


TARGETS = (
    Target(
        "ownership",
        "Ownership: whose an entity is",
        ("planning/ownership", "planning/foreign", "planning/live", "applying/owned"),
        (
            "unit/planning/test_ownership.py",
            "unit/planning/test_foreign.py",
            "unit/planning/test_live.py",
            "unit/applying/test_owned.py",
            "unit/applying/test_remove.py",
        ),
    ),
    Target(
        "journal",
        "Journal and lock: who may write, and what is remembered",
        ("state/records", "state/lock", "state/base", "state/memory", "running/settling"),
        (
            "unit/state/test_lock.py",
            "unit/state/test_records.py",
            "contract/test_state_store.py",
            "unit/applying/test_ensure.py",
        ),
        only="not dynamodb",
    ),
    Target(
        "retry",
        "Retry: what an answer means, and when to ask again",
        (
            "adobe/retrying",
            "adobe/classification",
            "adobe/transport",
            "adobe/rate",
            "adobe/circuit",
            "adobe/manners",
            "runtime/errors",
        ),
        (
            "unit/adobe/test_retrying.py",
            "unit/adobe/test_classification.py",
            "unit/adobe/test_transport.py",
            "unit/adobe/test_rate.py",
            "unit/adobe/test_circuit.py",
            "unit/adobe/test_manners.py",
            "unit/runtime/test_errors.py",
        ),
    ),
    Target(
        "diff",
        "Diff: what is not as declared",
        ("planning/diff", "planning/decide", "planning/drift", "planning/activation_patch"),
        (
            "unit/planning/test_diff.py",
            "unit/planning/test_decide.py",
            "unit/planning/test_drift.py",
            "unit/planning/test_activation.py",
        ),
    ),
    Target(
        "apply",
        "Reconcile: exactly one of each, and none left",
        ("applying/ensure", "applying/staleness", "applying/remove"),
        (
            "unit/applying/test_staleness.py",
            "unit/applying/test_ensure.py",
            "unit/applying/test_remove.py",
        ),
    ),
    Target(
        "verdict",
        "Verdict: what arrived, and whether it is good",
        (
            "verification/reconcile",
            "verification/codes",
            "verification/figures",
            "verification/duplicates",
            "verification/splits",
            "verification/window",
            "verification/receipt/verdicts",
            "verification/loose_files/judging",
            "running/check",
            "adobe/run_status",
        ),
        (
            "unit/verification/test_reconcile.py",
            "unit/verification/test_figures.py",
            "unit/verification/test_duplicates.py",
            "unit/verification/test_splits.py",
            "unit/verification/test_verify.py",
            "unit/verification/test_verify_audiences.py",
            "unit/verification/test_window.py",
            "unit/verification/test_inventory.py",
            "unit/verification/loose_files/test_judging.py",
            "unit/verification/receipt/test_verdicts.py",
            "unit/running/test_check.py",
            "unit/running/test_check_audiences.py",
            "unit/adobe/test_run_status.py",
        ),
        # mutmut adds to what is imported.
        only="not does_not_import",
    ),
)
