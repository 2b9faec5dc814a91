"""A message that no consumer could finish, known by what it is about."""

import json
from dataclasses import dataclass
from hashlib import blake2b

_BUSINESS_KEYS = ("posting_id", "invoice_id", "exception_id", "version")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """`queue` is our name of the queue the message died in; the body is looked at, never passed on."""

    queue: str
    body: str

    @property
    def subject(self) -> str:
        """Name the message by the business id in its body. A redrive changes the message's own id, not this one."""
        return f"{self.queue}/{_business_id(self.body) or _hash(self.body)}"


def _business_id(body: str) -> str | None:
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(message, dict):
        return None
    for key in _BUSINESS_KEYS:
        business_id = message.get(key)
        if isinstance(business_id, str) and business_id.isascii() and business_id.isprintable() and business_id:
            revision = message.get("revision")
            return f"{business_id}/r{revision:03d}" if isinstance(revision, int) else business_id
    return None


def _hash(body: str) -> str:
    return blake2b(body.encode(errors="backslashreplace"), digest_size=16).hexdigest()
