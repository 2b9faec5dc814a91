"""The CRM that asks for amendments, and is told what became of them."""

from typing import Protocol

from shared.domain.subscriptions.crm_notice import CrmNotice, Telling


class Crm(Protocol):
    def tell(self, notice: CrmNotice) -> Telling:
        """Have the CRM show a notice, in place of any earlier one of the same request."""
