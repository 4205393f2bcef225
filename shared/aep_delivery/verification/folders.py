"""Folder templates: where the files of one run of a dataset must lie.

A template becomes a pattern whose date macros are named groups. A folder belongs to a run when its time lies between
the slot and the end of the run, both cut to what the template can say (the minute for ``%EXPORT_TIME%``, the second
for ``%DATETIME(YYYYMMdd_HHmmss)%``). Adobe does not document whether a folder is named after the slot or the moment
the export began; both lie in between. Adobe: "Export datasets to cloud storage destinations", folder names.
"""

from __future__ import annotations

from aep_delivery.verification.expectation import Expectation, ExpectedDataset
from aep_delivery.verification.key_pattern import KeyPattern
from aep_delivery.verification.templates import Macros, Token, date_tokens, merged

DEFAULT_TEMPLATE = "%DATASET_ID%/%EXPORT_TIME%"
_EXPORT_TIME = (Token(literal="exportTime="), *date_tokens("YYYYMMddHHmm"))


def folder_pattern(expectation: Expectation, dataset: ExpectedDataset) -> KeyPattern:
    """The pattern of the folders of `dataset`.

    Raises:
        UserError: The template has a macro or a date pattern Adobe does not have.
    """
    template = DEFAULT_TEMPLATE if expectation.foldername_template is None else expectation.foldername_template
    macros = Macros(
        values={
            "DATASET_ID": dataset.id,
            "DATASET_NAME": dataset.name,
            "DESTINATION": expectation.destination_name,
            "DESTINATION_INSTANCE_ID": expectation.destination_instance_id,
            "DESTINATION_INSTANCE_NAME": expectation.destination_instance_name,
            "SANDBOX_NAME": expectation.sandbox_name,
            "ORGANIZATION_NAME": expectation.organization_name,
        },
        times={"EXPORT_TIME": _EXPORT_TIME},
        of="folder",
        place="scheduleParams.foldernameTemplate",
        unknown="verification.unknown-folder-macro",
    )
    tokens: list[Token] = []
    for part in (expectation.path.strip("/"), template.strip("/")):
        if part:
            tokens += [*macros.tokens(part), Token(literal="/")]
    return KeyPattern(merged(tokens))
