"""Accounting periods as whoever asks for them is told."""

from collections.abc import Sequence
from typing import Any

from shared.domain.posting.accounting_period import EntityPeriods
from shared.domain.time_period import format_instant


def answer(entities: Sequence[EntityPeriods]) -> dict[str, Any]:
    return {
        "legal_entities": [
            {
                "legal_entity": entity.legal_entity_id,
                "checked_at": format_instant(entity.checked_at) if entity.checked_at else "",
                "left_alone": entity.left_alone,
                "not_read": entity.not_read,
                "periods": [
                    {
                        "period": period.name,
                        "status": period.status.value,
                        "unsettled": period.unsettled,
                        "unrecorded": period.unrecorded,
                    }
                    for period in entity.periods
                ],
            }
            for entity in entities
        ]
    }
