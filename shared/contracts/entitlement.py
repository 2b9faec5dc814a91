"""The responses of the entitlement check: what to do, on what grounds, and how old these are."""

import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from http import HTTPStatus
from typing import Any

from shared.domain.entitlement.answer import EntitlementAnswer, WhenUnknown
from shared.domain.time_period import format_instant
from shared.domain.usage.fingerprint import plain_quantity

HEADERS = {"content-type": "application/json", "cache-control": "no-store"}


@dataclass(frozen=True, slots=True)
class EntitlementResponses:
    """HTTP responses in API Gateway's form. Quantities are plain decimal text; what does not apply is null."""

    when_unknown: WhenUnknown

    def found(self, answer: EntitlementAnswer) -> dict[str, Any]:
        advice, period, usage = answer.advice, answer.period, answer.usage
        return _response(
            HTTPStatus.OK,
            {
                "decision": advice.decision.value,
                "reason": advice.reason.value,
                "when_unknown": self.when_unknown.value,
                "customer": answer.customer_id,
                "limit": _quantity(advice.limit),
                "used": _quantity(advice.used),
                "remaining": _quantity(advice.remaining),
                "period": {
                    "name": period.name,
                    "start": format_instant(period.start),
                    "end": format_instant(period.end),
                },
                "as_of": _instant(usage.as_of if usage else None),
                "complete_until": _instant(usage.complete_until if usage else None),
                "catalog_version": answer.master_data.version,
                "catalog_age_seconds": answer.master_data.age.total_seconds(),
            },
        )

    def unknown(self) -> dict[str, Any]:
        return _response(
            HTTPStatus.SERVICE_UNAVAILABLE, {"decision": "unknown", "when_unknown": self.when_unknown.value}
        )

    def not_found(self, error: str) -> dict[str, Any]:
        return _response(HTTPStatus.NOT_FOUND, {"error": error})


def _response(status: HTTPStatus, body: dict[str, Any]) -> dict[str, Any]:
    return {"statusCode": status.value, "headers": HEADERS, "body": json.dumps(body)}


def _quantity(quantity: Decimal | None) -> str | None:
    return None if quantity is None else plain_quantity(quantity)


def _instant(instant: datetime | None) -> str | None:
    return None if instant is None else format_instant(instant)
