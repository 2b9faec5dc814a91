"""What becomes of an event by the state of the contract version that it was sent in."""

from datetime import UTC, date, datetime, time

from shared.domain.exception_record import ExceptionCode
from shared.domain.usage.contract_definition import ContractStatus, ContractVersion


def refusal_of(version: ContractVersion, arrived_at: datetime) -> tuple[ExceptionCode, str] | None:
    """Return code and reason when events of a version are refused that arrive at an instant, else None.

    Judged by arrival and not by today: an event that was accepted in its time is accepted whenever the archive is
    read again.
    """
    if version.status is ContractStatus.DRAFT:
        return ExceptionCode.UNKNOWN_CONTRACT_VERSION, "this version is a draft"
    if version.deprecated_on is not None and arrived_at >= first_instant_of(version.deprecated_on):
        return ExceptionCode.RETIRED_CONTRACT_VERSION, f"this version is not accepted since {version.deprecated_on}"
    return None


def first_instant_of(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
