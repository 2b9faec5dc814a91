"""Creations of customers in memory (port CustomerCreations)."""

from datetime import datetime

from shared.domain.posting.customer_creation import Creation


class InMemoryCustomerCreations:
    def __init__(self) -> None:
        self._creations: dict[tuple[str, str], Creation] = {}

    def begin(self, connection: str, key: str, creation: Creation, *, looked_up_at: datetime) -> Creation | None:
        standing = self._creations.get((connection, key))
        if standing is not None and standing.until > looked_up_at:
            return standing
        self._creations[connection, key] = creation
        return None

    def end(self, connection: str, key: str, creation: Creation, *, at: datetime) -> None:
        if self._creations.get((connection, key)) == creation:
            self._creations[connection, key] = creation.ending(at)
