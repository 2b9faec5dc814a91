"""Voids of usage in memory."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from shared.domain.exception_record import ExceptionCode
from shared.domain.metering.layout import Bucket
from shared.domain.metering.standing_void import (
    CorrectedBucket,
    Examined,
    FiledVoid,
    StandingVoid,
    VoidState,
    by_original,
)
from shared.domain.usage.correction import Original


class InMemoryUsageCorrections:
    def __init__(self) -> None:
        self._buckets: dict[Bucket, CorrectedBucket] = {}
        self._filed: dict[tuple[Bucket, Original, str], FiledVoid] = {}
        self._marks: dict[tuple[Bucket, Original], tuple[VoidState, ExceptionCode | None]] = {}

    def file(self, voids: Sequence[FiledVoid]) -> None:
        for one in voids:
            self._filed[one.bucket, one.void.original, str(one.delivery)] = one
        for bucket in {one.bucket for one in voids}:
            known = self._buckets.get(bucket, CorrectedBucket(bucket=bucket, filings=0))
            self._buckets[bucket] = replace(known, filings=known.filings + 1)

    def corrected(self) -> Iterator[CorrectedBucket]:
        yield from sorted(self._buckets.values(), key=lambda one: (one.bucket.slice_start, one.bucket))

    def standing(self, bucket: Bucket) -> Iterator[StandingVoid]:
        for filed in by_original(one for one in self._filed.values() if one.bucket == bucket):
            state, told = self._marks.get((bucket, filed[0].void.original), (VoidState.WAITING, None))
            yield StandingVoid(filed=filed, state=state, told=told)

    def mark(self, void: StandingVoid, state: VoidState, told: ExceptionCode | None) -> None:
        place = (void.bucket, void.original)
        known, _ = self._marks.get(place, (VoidState.WAITING, None))
        if known in (VoidState.WAITING, state):
            self._marks[place] = (state, told)

    def examined(self, bucket: Bucket, examined: Examined) -> None:
        if bucket in self._buckets:
            self._buckets[bucket] = replace(self._buckets[bucket], examined=examined)

    def forget(self, bucket: Bucket) -> None:
        self._buckets.pop(bucket, None)
