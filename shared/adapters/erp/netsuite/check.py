"""Whether a connection to NetSuite can post for its subsidiary."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

from shared.adapters.erp.netsuite.errors import is_absent
from shared.adapters.erp.netsuite.queries import Unread, rows
from shared.adapters.erp.reply_classes import not_read
from shared.adapters.erp.session import ErpSession
from shared.adapters.http.transport import Reply
from shared.domain.master_data.catalog import LegalEntity
from shared.domain.posting.outcome import Rejected, Unreached
from shared.domain.posting.readings import ConnectionReport

_TABLES: Final = {"accountingperiod": "Manage Accounting Periods", "transaction": "Find Transaction"}


def checked(session: ErpSession, entity: LegalEntity) -> ConnectionReport:
    return ConnectionReport(tuple(_problems(session, entity)))


def _problems(session: ErpSession, entity: LegalEntity) -> Iterator[str]:
    company = entity.erp.company
    found = session.call("GET", f"/record/v1/subsidiary/{quote(company)}")
    failed = not_read(found)
    if isinstance(failed, Unreached):
        mend = "; an administrator of NetSuite has to see to the integration's certificate and role"
        yield f"{failed.reason}{mend if failed.refused else ''}"
        return
    if isinstance(found, Reply) and is_absent(found):
        mend = "finance corrects `company`, which needs its internal id; or an administrator gives the role access"
        yield f"there is no subsidiary {company} that the integration's role may see: {mend}"
    elif not isinstance(found, Reply) or found.status != HTTPStatus.OK:
        yield f"subsidiary {company} could not be read: {failed.reason}"
    for table, permission in _TABLES.items():
        answer = rows(session, f"SELECT id FROM {table} WHERE id = 0", limit=1)  # noqa: S608 - our words
        if isinstance(answer, Unread) and not isinstance(answer.for_document, Rejected):
            yield f"SuiteQL does not answer: {answer.reason}"
            return
        if isinstance(answer, Unread):
            needed = f"the role needs the permissions SuiteAnalytics Workbook and {permission}"
            yield f"SuiteQL does not show {table}: {answer.reason}; {needed}"
