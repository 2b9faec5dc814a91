"""Whether a connection to Business Central can post for its company."""

from collections.abc import Iterator
from typing import Final

from shared.adapters.erp.business_central.company import Company
from shared.adapters.erp.reply_classes import not_read
from shared.adapters.http.exact_json import MalformedReplyError
from shared.adapters.http.transport import Reply
from shared.domain.posting.outcome import LookupFailed, Unreached
from shared.domain.posting.readings import ConnectionReport

_NEEDED: Final = ("generalLedgerSetup", "customers?$top=1", "salesInvoices?$top=1", "journals?$top=1")


def checked(company: Company) -> ConnectionReport:
    return ConnectionReport(tuple(_problems(company)))


def _problems(company: Company) -> Iterator[str]:
    key = company.entity.erp.company
    result = company.session.call("GET", "/companies")
    failed = not_read(result)
    if isinstance(failed, Unreached):
        mend = (
            "; an administrator has to see to the application's secret in Entra, and to its entry on the"
            " page Microsoft Entra Applications of Business Central"
        )
        yield f"{failed.reason}{mend if failed.refused else ''}"
        return
    try:
        rows = result.json()["value"] if isinstance(result, Reply) and result.succeeded else None
        companies = {str(row["id"]).lower() for row in rows} if rows is not None else None
    except (MalformedReplyError, KeyError, TypeError):
        companies = None
    if companies is None:
        yield f"the companies could not be read: {failed.reason}"
    elif key.lower() not in companies:
        mend = "finance corrects `company`, which needs its id, not its name; or an administrator lets it in"
        yield f"there is no company {key} that the application may see: {mend}"
    else:
        for path in _NEEDED:
            answer = company.rows(path)
            if isinstance(answer, Unreached):
                yield answer.reason
                return
            if isinstance(answer, LookupFailed):
                what = path.partition("?")[0]
                yield f"{what} could not be read: {answer.reason}; the application needs permission sets"
