"""Access tokens of one simulated ERP: opaque, with an end on the simulator's clock."""

import hashlib
from datetime import datetime, timedelta

from simulators.http.exchange import Call


class AccessTokens:
    """Tokens handed out so far; all loops over time end because expired ones are dropped at each issue."""

    def __init__(self, *, lifetime: timedelta) -> None:
        self.lifetime = lifetime
        self._expires_at: dict[str, datetime] = {}
        self._issued = 0

    def issue(self, *, client_id: str, now: datetime) -> str:
        self._expires_at = {token: end for token, end in self._expires_at.items() if end > now}
        self._issued += 1
        token = hashlib.sha256(f"{client_id}:{self._issued}".encode()).hexdigest()
        self._expires_at[token] = now + self.lifetime
        return token

    def accepts(self, call: Call) -> bool:
        expires_at = self._expires_at.get(call.bearer)
        return expires_at is not None and call.arrived_at < expires_at

    def revoke(self, call: Call) -> None:
        self._expires_at.pop(call.bearer, None)
