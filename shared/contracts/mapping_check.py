"""What a check of the mappings answers to whoever asked for it."""

from collections.abc import Sequence
from typing import Any

from shared.domain.posting.mapping_check import MappingCheck


def answer(checks: Sequence[MappingCheck]) -> dict[str, Any]:
    return {
        "entities": [
            {
                "legal_entity": check.entity.legal_entity_id,
                "erp": check.entity.erp.system,
                "connection": check.entity.erp.connection,
                "problems": list(check.problems),
                "unknown": list(check.unknown),
                "not_compared": list(check.not_compared),
            }
            for check in checks
        ]
    }
