"""File name templates: what the files of one audience are called, and the folder they lie in.

Times are taken to be UTC, and between the slot and the end of the run, as in folder names. Adobe: "Activate audiences
to batch profile export destinations", file names; "Connect to batch destinations and activate audiences by API".
"""

from __future__ import annotations

from aep_delivery.verification.expectation import Expectation, ExpectedAudience
from aep_delivery.verification.key_pattern import KeyPattern
from aep_delivery.verification.templates import EPOCH, Macros, Token, date_tokens, merged, name_tokens


def audience_pattern(expectation: Expectation, audience: ExpectedAudience) -> KeyPattern:
    """The pattern of the files of `audience`. A macro whose value is not known matches anything but a slash.

    Raises:
        UserError: A template has a macro or a date pattern Adobe does not have.
    """
    segment = {"SEGMENT_ID": audience.id, "SEGMENT_NAME": audience.name}
    of_path = Macros(values=segment, times={}, of="folder", place="path", unknown="verification.unknown-folder-macro")
    of_name = Macros(
        values={
            **segment,
            "DESTINATION": expectation.destination_name,
            "DESTINATION_NAME": expectation.destination_name,
            "DESTINATION_INSTANCE_ID": expectation.destination_instance_id,
            "DESTINATION_INSTANCE_NAME": expectation.destination_instance_name,
            "SANDBOX_NAME": expectation.sandbox_name,
            "ORGANIZATION_NAME": expectation.organization_name,
        },
        times={"TIMESTAMP": (Token(field=EPOCH),)},
        of="file",
        place="filenameTemplate",
        unknown="verification.unknown-filename-macro",
    )
    path = expectation.path.strip("/")
    folder = [*of_path.tokens(path), Token(literal="/")] if path else []
    template = audience.filename_template
    return KeyPattern(merged(folder), merged(_default(audience) if template is None else of_name.tokens(template)))


def _default(audience: ExpectedAudience) -> list[Token]:
    """What a file is called that nobody named.

    ``<destinationName>_segment<segmentID>_<yyyymmddhhmmss>`` by the API's page, but where the user interface made the
    dataflow ``%DESTINATION_NAME%_%SEGMENT_ID%_%DATETIME(YYYYMMdd_HHmmss)%``: both are known by id and time.
    """
    day, time = date_tokens("YYYYMMdd"), date_tokens("HHmmss")
    return [Token(), *name_tokens(audience.id), Token(literal="_"), *day, Token(), *time]
