"""Accounting periods as whoever asks for them is told."""

from collections.abc import Mapping, Sequence
from typing import Any

from shared.domain.identifiers import LegalEntityId
from shared.domain.posting.accounting_period import AccountingPeriod
from shared.domain.posting.pacing import Closed
from shared.domain.time_period import format_instant


def answer(periods: Sequence[AccountingPeriod], left_alone: Mapping[LegalEntityId, Closed]) -> dict[str, Any]:
    return {
        "periods": [
            {
                "legal_entity": period.legal_entity_id,
                "period": period.name,
                "status": period.status.value,
                "unsettled": period.unsettled,
                "unrecorded": period.unrecorded,
                "checked_at": format_instant(period.checked_at) if period.checked_at else "",
            }
            for period in periods
        ],
        "left_alone": {entity: closed.reason for entity, closed in left_alone.items()},
    }
