"""The document behind the page: how every delivery stands at one moment."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from aep_delivery import __version__
from aep_delivery.status.freshness import Freshness
from aep_delivery.verification.receipt.verdicts import Tone, sense_of_word


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_camel, populate_by_name=True)


class ReceiptLink(_Part):
    """One receipt of a delivery."""

    verdict: str
    finished_at: AwareDatetime
    execution: str
    page: str | None
    """Key of its page in the work bucket. The receipt itself lies beside it, as `receipt.json`."""


class Latest(_Part):
    """How the delivery ended last, in the words of its receipt and of `aep-delivery status`."""

    verdict: str
    reason: str
    finished_at: AwareDatetime
    execution: str
    rows: int | None = None
    files: int | None = None
    bytes: int | None = None


class FindingNote(_Part):
    """What a watch has told of since the delivery was last applied."""

    code: str
    """`drift-found`, `delivery-late` or `dataflow-disabled`."""
    reason: str
    found_at: AwareDatetime


class DeliveryStatus(_Part):
    """One delivery."""

    id: str
    """`sandbox/name`."""
    description: str | None = None
    destination: str | None = None
    """The destination's name: `amazon-s3`."""
    exports: str | None = None
    """`1 dataset`, `12 audiences`."""
    needs_attention: bool
    """True where the latest verdict is not good, the delivery is late, or a watch has found something."""
    latest: Latest | None = None
    """Null where no execution has ended yet."""
    freshness: Freshness
    due: AwareDatetime | None = None
    """The slot that the freshness rests on: the latest whose deadline has passed."""
    deadline: AwareDatetime | None = None
    """When the files of that slot were due at the latest."""
    last_good_at: AwareDatetime | None = None
    """When a verdict was good last."""
    next_run: AwareDatetime | None = None
    next_run_all_day: bool = False
    """True where the next run is some time that day, after the segmentation."""
    ends_at: AwareDatetime | None = None
    """When the schedule ends: of several, the first that still goes on."""
    ends_soon: bool = False
    """True where that is less than 30 days away."""
    has_ended: bool = False
    """True where the schedule has no run left."""
    findings: list[FindingNote] = []
    bytes_this_year: int = Field(ge=0)
    forecast_bytes: int = Field(ge=0)
    """By the end of the year."""
    receipts: list[ReceiptLink] = []
    """The latest ones, newest first."""

    @property
    def tone(self) -> Tone:
        """How the row is coloured."""
        tone = sense_of_word(self.latest.verdict).tone if self.latest else Tone.CALM
        return Tone.WARN if self.needs_attention and tone in {Tone.GOOD, Tone.CALM} else tone


class RemovedDelivery(_Part):
    """One that is gone from Adobe. Its receipts stay."""

    id: str
    removed_at: AwareDatetime
    bytes_this_year: int = Field(ge=0)
    receipts: list[ReceiptLink] = []


class Volume(_Part):
    """What datasets were exported in the year of the contract, removed deliveries included."""

    year_begins: AwareDatetime
    year_ends: AwareDatetime
    dataset_bytes: int = Field(ge=0)
    dataset_forecast_bytes: int = Field(ge=0)
    """By the end of the year."""
    audience_bytes: int = Field(ge=0)
    """Not part of the entitlement."""
    entitled_profiles: int | None = None
    """Null where the installation was not told."""
    entitled_kilobytes_per_profile: int | None = None
    entitled_bytes: int | None = None


class StatusDocument(_Part):
    """All deliveries of an installation."""

    schema_version: Literal["1"] = "1"
    owner: str
    """The installation: its stack."""
    drawn_at: AwareDatetime
    product_version: str = Field(default_factory=lambda: __version__)
    deliveries: list[DeliveryStatus]
    """Those that need attention first; among them, the worst."""
    removed: list[RemovedDelivery] = []
    """Latest first."""
    volume: Volume

    @property
    def troubled(self) -> list[DeliveryStatus]:
        return [one for one in self.deliveries if one.needs_attention]

    @property
    def ending(self) -> list[DeliveryStatus]:
        """Whose schedule ends soon, the soonest first."""
        soon = [(one.ends_at, one.id, one) for one in self.deliveries if one.ends_soon and one.ends_at]
        return [one for *_, one in sorted(soon, key=lambda it: it[:2])]

    @property
    def tone(self) -> Tone:
        """Of the page: as bad as its worst delivery, calm where there is none."""
        tones = {one.tone for one in self.deliveries}
        worst = next((tone for tone in (Tone.BAD, Tone.WARN, Tone.GOOD) if tone in tones), Tone.CALM)
        return Tone.WARN if worst is Tone.GOOD and self.ending else worst
