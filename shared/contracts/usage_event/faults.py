"""A breach of the contract, raised where it is found and turned into a value where an event ends."""

from shared.domain.exception_record import ExceptionCode

_SHOWN_CHARACTERS = 60


class ContractError(Exception):
    """One event cannot be read. The code is stable; the reason is for people."""

    def __init__(self, code: ExceptionCode, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def shown(value: object) -> str:
    """Quote a short, printable, ASCII part of what was sent, so that a reason holds no payload."""
    text = ascii(value[: _SHOWN_CHARACTERS + 1] if isinstance(value, str) else type(value).__name__)
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}..."
