"""Receivables as they are stored."""

from pydantic import TypeAdapter

from shared.domain.receivables.receivable import Receivable

_RECEIVABLE = TypeAdapter(Receivable)


def write_receivable(receivable: Receivable) -> str:
    return _RECEIVABLE.dump_json(receivable).decode()


def read_receivable(text: str) -> Receivable:
    """Return a stored receivable; raises pydantic's ValidationError for anything this project has not written."""
    return _RECEIVABLE.validate_json(text)
