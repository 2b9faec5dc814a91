"""Whether a connection to Tryton can post for its company."""

from collections.abc import Iterator

from shared.adapters.erp.tryton.connection import TrytonConnection, Unread
from shared.domain.posting.outcome import AuthFailed, NoCredentials
from shared.domain.posting.readings import ConnectionReport


def checked(connection: TrytonConnection, journals: frozenset[str]) -> ConnectionReport:
    return ConnectionReport(tuple(_problems(connection, journals)))


def _problems(connection: TrytonConnection, journals: frozenset[str]) -> Iterator[str]:
    companies = connection.rows("company.company", [["id", "=", connection.company]], ["party.name"])
    if isinstance(companies, Unread):
        yield f"REST: {companies.reason}{_mend(companies)}"
        return
    if not companies:
        mend = "finance corrects `company`, which needs the id that Tryton shows"
        yield f"there is no company {connection.company}: {mend}"
    for code in sorted(journals):
        if connection.rows("account.journal", [["code", "=", code]], ["code"]) == []:
            yield f"there is no journal {code}: the mapping's settings name one"
    session = connection.signed_in()
    if isinstance(session, Unread):
        yield f"JSON-RPC: {session.reason}; credit memos would be posted but not set off"


def _mend(unread: Unread) -> str:
    match unread.for_document:
        case NoCredentials():
            return ""  # its reason says what to do
        case AuthFailed():
            return "; an administrator of Tryton has to validate it"
        case _:
            return "; see whether it is up, and to `base_url` in its secret"
