"""The streams between the stages. Publishing is durable before it returns, or it raises."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from shared.domain.usage.accepted import AcceptedUsage

if TYPE_CHECKING:
    # A name in a signature only: who publishes accepted usage starts without the catalogue.
    from shared.domain.usage.billable import BillableUsage


class AcceptedUsageStream(Protocol):
    def publish_accepted(self, usage: Sequence[AcceptedUsage]) -> None: ...


class BillableUsageStream(Protocol):
    def publish_billable(self, usage: "Sequence[BillableUsage]") -> None: ...
