"""Whether a tax id can be one."""

from typing import Protocol


class TaxIds(Protocol):
    def fault(self, tax_id: str, country: str) -> str:
        """Say why it is no tax id of the country, or of the one that it starts with; nothing where none is known of."""
