"""No function has a right that the workflow tests did not see it use, but for the few that are explained here."""

from __future__ import annotations

from tests.template.rights_used import Right, granted, kept

POLLED = "Lambda itself reads the queue, with the function's role; the embedded cloud does so without any."
ZONE = (
    "Asks Adobe for the credential of a Data Landing Zone. The workflow tests have one with few files, which VerifyDelivery "
    "opens alone; these functions take part where there are many."
)
EMPTY = (
    "Deletes an entry of the journal that is empty: where Adobe refuses the first change to something that the journal does "
    "not know. tests/faults has it; in the workflow tests the steps that create things stand for all."
)
TOLD = (
    "Never called. Whoever lacks it hears AccessDenied of an object that is not there, and could not be told so. "
    "AWS: GetObject, Permissions."
)
SETTLED = "Settles, before a removal, what an earlier execution announced and never learnt the outcome of. tests/faults has it."
UNUSED: dict[Right, str] = {
    **{
        (function, sid, f"sqs:{action}"): POLLED
        for function, sid in (("ReceiveRequestFunction", "Intake"), ("DrawStatusFunction", "Changed"))
        for action in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")
    },
    **{
        (function, sid, action): ZONE
        for function in ("CheckFilesFunction", "JudgeFilesFunction")
        for sid, action in (
            ("AdobeSecret", "secretsmanager:GetSecretValue"),
            ("AdobeBudget", "dynamodb:GetItem"),
            ("AdobeBudget", "dynamodb:PutItem"),
        )
    },
    **{
        (function, "State", "dynamodb:DeleteItem"): EMPTY
        for function in ("ActivateAudiencesFunction", "DetectDriftFunction")
    },
    **{
        ("DisableDataflowFunction", "State", f"dynamodb:{action}"): SETTLED
        for action in ("ConditionCheckItem", "DeleteItem")
    },
    ("CheckRunFunction", "Work", "s3:GetObject"): (
        "Takes over the report of an execution of verify_run that was quicker. tests/unit/workflow/test_run_claims.py has it."
    ),
    **{(function, "ListConfigs", "s3:ListBucket"): TOLD for function in ("LoadConfigFunction", "PlanChangesFunction")},
}
"""Rights that no call uses, each with its reason."""


def test_every_right_was_used() -> None:
    assert granted() - kept() - set(UNUSED) == set()


def test_every_right_that_was_used_is_granted() -> None:
    """Otherwise what was recorded is of another template: run ``make rights``."""
    assert kept() - granted() == set()


def test_what_is_explained_is_so() -> None:
    assert set(UNUSED) <= granted()
    assert set(UNUSED) & kept() == set()
