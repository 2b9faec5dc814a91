"""producers.yaml: the sources that are watched over."""

from datetime import timedelta

from pydantic import Field

from shared.contracts.catalog.values import CatalogModel, Text
from shared.domain.producers.producer import Completeness, Producer

SHORTEST_MINUTES, LONGEST_MINUTES = 5, 7 * 24 * 60
_MINUTE = timedelta(minutes=1)


class ProducerEntry(CatalogModel):
    source: Text
    quiet_after_minutes: int = Field(ge=SHORTEST_MINUTES, le=LONGEST_MINUTES)
    completeness: Completeness = Completeness.NONE
    owner: Text

    def to_domain(self) -> Producer:
        return Producer(
            source=self.source,
            quiet_after=self.quiet_after_minutes * _MINUTE,
            completeness=self.completeness,
            owner=self.owner,
        )

    @classmethod
    def of(cls, producer: Producer) -> "ProducerEntry":
        return cls(
            source=producer.source,
            quiet_after_minutes=producer.quiet_after // _MINUTE,
            completeness=producer.completeness,
            owner=producer.owner,
        )
