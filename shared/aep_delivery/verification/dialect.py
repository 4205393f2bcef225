"""The form of a delivery's CSV files, in the words of Adobe's ``csvOptions``."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Character = Annotated[str, Field(min_length=1, max_length=1)]
_NOT_A_DELIMITER = {"\n", "\r", "\0"}


class CsvDialect(BaseModel):
    """How a CSV file is written. The defaults are those of RFC 4180; a delivery's own come from its ``csvOptions``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    delimiter: Character = ","
    quote: str = Field(default='"', max_length=1)
    """Empty where Adobe's is: its writer then puts the character NUL in the place of quotes (Apache Spark: CSV
    options, ``quote``)."""
    escape: str = Field(default="", max_length=1)
    """What makes a quote inside of quotes, or itself, plain. A doubled quote always does, as in RFC 4180."""
    null_value: str = ""
    empty_value: str = ""
    header: bool = True
    """Whether the first row names the columns. Adobe always writes one; whoever copied a file may have cut it off."""

    @model_validator(mode="after")
    def _characters_differ(self) -> Self:
        if not self.delimiter.isascii() or self.delimiter.isalnum() or self.delimiter in _NOT_A_DELIMITER:
            raise ValueError("delimiter must be one ASCII character that is no letter, digit or line end")
        if not (self.quote + self.escape).isascii() or {self.quote, self.escape} & {self.delimiter, "\n", "\r"}:
            raise ValueError("quote and escape must be ASCII characters that are neither the delimiter nor a line end")
        return self


RFC_4180 = CsvDialect()
"""Commas, double quotes, quotes doubled inside of quotes."""
