"""Whether a connection to Dynamics 365 Finance can post for its company."""

from collections.abc import Iterator

from shared.adapters.erp.dynamics_finance.data_service import DataService, literal
from shared.adapters.erp.dynamics_finance.settings import Settings
from shared.domain.posting.outcome import LookupFailed, Unreached
from shared.domain.posting.readings import ConnectionReport


def checked(data: DataService, settings: Settings) -> ConnectionReport:
    """Say what is wrong and who can mend it; where the company cannot be seen, nothing else is tried."""
    return ConnectionReport(_problems(data, settings))


def _problems(data: DataService, settings: Settings) -> tuple[str, ...]:
    companies = data.rows("LegalEntities", f"LegalEntityId eq {literal(data.company)}", fields=["LegalEntityId"])
    if isinstance(companies, Unreached) and not companies.refused:
        return (companies.reason,)
    if isinstance(companies, LookupFailed):
        mend = "an administrator maps the application to a user under Microsoft Entra ID applications in the ERP"
        return (f"the ERP cannot be read ({companies.reason}): {mend}, or renews the connection's secret",)
    if not companies:
        return (f"the company {data.company} cannot be seen: an administrator gives the application's user access",)
    return tuple(_unreadable(data, settings))


def _unreadable(data: DataService, settings: Settings) -> Iterator[str]:
    needed = ["CustomersV3", "FreeTextInvoiceHeaders", "LedgerJournalHeaders"]
    readable = [*needed, *([settings.transactions_entity] if settings.transactions_entity else [])]
    for entity_set in readable:
        found = data.company_rows(entity_set, "", fields=["dataAreaId"], top=1)
        if isinstance(found, Unreached):
            yield found.reason
            return
        if isinstance(found, LookupFailed):
            yield f"{entity_set} cannot be read ({found.reason}): an administrator gives the user a role that may"
    if settings.period_entity:
        wanted = f"LegalEntityId eq {literal(data.company)}"
        periods = data.rows(settings.period_entity, wanted, fields=["PeriodName"], top=1)
        if isinstance(periods, LookupFailed):
            yield f"{settings.period_entity} cannot be read ({periods.reason}): finance corrects the mapping's setting"
