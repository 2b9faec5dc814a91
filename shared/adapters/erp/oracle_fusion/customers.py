"""Customer accounts: looked up by our key of the customer, and created only where a setting says at which path.

Oracle documents the look-up. How an integration may create an account is each customer's own.
"""

from typing import Final

from shared.adapters.erp.customer_key import customer_key
from shared.adapters.erp.oracle_fusion.errors import after_refusal
from shared.adapters.erp.oracle_fusion.resources import FusionResources, Row, Unread
from shared.adapters.erp.oracle_fusion.settings import FusionSettings
from shared.adapters.erp.reply_classes import before_any_write
from shared.adapters.http.transport import Reply
from shared.domain.posting.document import PostingParty
from shared.domain.posting.outcome import LookupFailed, Rejected, RejectionCode
from shared.domain.posting.readings import CustomerOutcome, CustomerReading, CustomerReady

_RESOURCE: Final = "receivablesCustomerAccountSiteActivities"
_FINDER: Final = "CustomerAccountSiteActivitiesFinder"
_CLIENT_ERRORS: Final = range(400, 500)


class FusionCustomers:
    """The customers of one connection."""

    def __init__(self, resources: FusionResources, settings: FusionSettings) -> None:
        self._resources = resources
        self._settings = settings

    def ensure(self, party: PostingParty) -> CustomerOutcome:
        number = customer_key(party.customer_id)
        found = self._found("AccountNumber", number)
        if isinstance(found, Unread):
            return found.before_write
        if found:
            return CustomerReady(number)
        path = self._settings.of("customer_creation")
        return self._created(path, party, number) if path else _missing(party, number)

    def find(self, party: PostingParty) -> tuple[CustomerReading, ...] | LookupFailed:
        """Return the accounts with our number or the party's name."""
        number = customer_key(party.customer_id)
        readings: dict[str, CustomerReading] = {}
        for variable, value in (("AccountNumber", number), ("CustomerName", party.name)):
            found = self._found(variable, value)
            if isinstance(found, Unread):
                return found.lookup
            for row in found:
                key = str(row.get("AccountNumber", ""))
                readings[key] = CustomerReading(
                    key=key,
                    name=str(row.get("CustomerName") or ""),
                    tax_id=str(row.get("TaxRegistrationNumber") or ""),
                    linked=key == number,
                )
        return tuple(readings.values())

    def _found(self, variable: str, value: str) -> tuple[Row, ...] | Unread:
        if any(sign in value for sign in ",;="):
            return ()  # a finder has no way to write them
        page = self._resources.page(_RESOURCE, finder=f"{_FINDER};{variable}={value}")
        return page if isinstance(page, Unread) else page.rows

    def _created(self, path: str, party: PostingParty, number: str) -> CustomerOutcome:
        tax_number = {"TaxpayerIdentificationNumber": party.tax_id} if party.tax_id else {}
        result = self._resources.send(
            "POST",
            path,
            {
                "PartyNumber": number,
                "OrganizationName": party.name,
                "BusinessUnit": self._settings.mapping.company,
                **tax_number,
            },
        )
        if isinstance(result, Reply) and result.succeeded:
            return CustomerReady(number)
        refused = after_refusal(result) if isinstance(result, Reply) and result.status in _CLIENT_ERRORS else None
        if not isinstance(refused, Rejected):
            return before_any_write(result)
        there_now = self._found("AccountNumber", number)  # somebody else was faster
        return CustomerReady(number) if there_now and not isinstance(there_now, Unread) else refused


def _missing(party: PostingParty, number: str) -> Rejected:
    text = (
        f"no customer account {number} of {party.name} is seen: create it in Fusion with a bill-to site,"
        " or give the user access to it (what may not be seen is an empty list)"
    )
    return Rejected.of(RejectionCode.CUSTOMER_MISSING, text)
