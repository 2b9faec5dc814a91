"""What bill runs remember of billing accounts, as it is stored."""

from pydantic import TypeAdapter

from shared.domain.invoicing.billing_progress import BillingProgress
from shared.domain.invoicing.parking import ParkedAccount

_PROGRESS = TypeAdapter(BillingProgress)
_PARKED = TypeAdapter(ParkedAccount)


def dump_progress(progress: BillingProgress) -> str:
    return _PROGRESS.dump_json(progress).decode()


def read_progress(text: str) -> BillingProgress:
    return _PROGRESS.validate_json(text)


def dump_parked(account: ParkedAccount) -> str:
    return _PARKED.dump_json(account).decode()


def read_parked(text: str) -> ParkedAccount:
    return _PARKED.validate_json(text)
