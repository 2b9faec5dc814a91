"""Voids of usage, kept from their arrival until their bucket is forgotten, and after that as a record."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from shared.domain.exception_record import ExceptionCode
from shared.domain.metering.layout import Bucket
from shared.domain.metering.standing_void import CorrectedBucket, Examined, FiledVoid, StandingVoid, VoidState


class FiledVoids(Protocol):
    def file(self, voids: Sequence[FiledVoid]) -> None:
        """Keep the voids durably; filing one again changes nothing but that its bucket is examined again."""


class UsageCorrections(FiledVoids, Protocol):
    def corrected(self) -> Iterator[CorrectedBucket]:
        """Yield the buckets that voids stand for, oldest slice first."""

    def standing(self, bucket: Bucket) -> Iterator[StandingVoid]:
        """Yield all voids of a bucket by original, also those that were applied or refused."""

    def mark(self, void: StandingVoid, state: VoidState, told: ExceptionCode | None) -> None:
        """Say what has come of a void. What was applied or refused stays so, whoever says otherwise."""

    def examined(self, bucket: Bucket, examined: Examined) -> None:
        """Say how far a bucket was examined."""

    def forget(self, bucket: Bucket) -> None:
        """Leave a bucket out of corrected(); its voids stay as a record."""
