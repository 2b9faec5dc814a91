"""Journals of many lines as data packages. The id of an import is our key: it can be asked after whatever happened."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from urllib.parse import urlsplit

from shared.adapters.erp.dynamics_finance.data_service import DataService
from shared.adapters.erp.dynamics_finance.errors import after_failure
from shared.adapters.erp.dynamics_finance.journals import GeneralJournals
from shared.adapters.erp.dynamics_finance.package_file import package
from shared.adapters.erp.dynamics_finance.settings import Settings
from shared.adapters.erp.reply_classes import before_any_write, why_not_read
from shared.adapters.erp.session import CallResult
from shared.adapters.http.exact_json import MalformedReplyError
from shared.adapters.http.transport import Exchange, HttpTransport, Reply, Request
from shared.domain.posting.journal import Journal, JournalLine
from shared.domain.posting.outcome import (
    Accepted,
    AuthFailed,
    LookupFailed,
    Rejected,
    RejectionCode,
    RejectionKind,
    Submission,
    Throttled,
    Ticket,
    Uncertain,
)

PREFIX = "import/"
_ACCOUNT_TYPES = {"Ledger": "Ledger", "Cust": "Customer"}


class ImportStatus(StrEnum):
    UNKNOWN = "Unknown"
    NOT_RUN = "NotRun"
    EXECUTING = "Executing"
    SUCCEEDED = "Succeeded"
    PARTIALLY = "PartiallySucceeded"
    FAILED = "Failed"
    CANCELED = "Canceled"

    @property
    def under_way(self) -> bool:
        return self in {ImportStatus.NOT_RUN, ImportStatus.EXECUTING}


@dataclass(frozen=True, slots=True)
class Imports:
    data: DataService
    journals: GeneralJournals
    settings: Settings
    transport: HttpTransport

    def submit(self, journal: Journal) -> Submission:
        """Upload a package and have it imported, once. Until the import is asked for, nothing has happened."""
        url = self._write_url(journal.external_ref)
        if not isinstance(url, str):
            return url
        uploaded = self.transport.exchange(
            Request(
                "PUT", url, {"x-ms-blob-type": "BlockBlob", "Content-Type": "application/zip"}, self._package(journal)
            )
        )
        if not isinstance(uploaded, Reply) or not uploaded.succeeded:
            return _not_uploaded(uploaded)
        result = self.data.act(
            "ImportFromPackage",
            {
                "packageUrl": url,
                "definitionGroupId": self.settings.data_project,
                "executionId": journal.external_ref,
                "execute": True,
                "overwrite": True,
                "legalEntityId": self.data.company.upper(),
            },
        )
        if isinstance(result, Reply) and result.succeeded:
            return Accepted(Ticket(PREFIX + journal.external_ref))
        return self._not_started(result, journal)

    def status(self, execution_id: str) -> ImportStatus | LookupFailed:
        value = self._value(self.data.act("GetExecutionSummaryStatus", {"executionId": execution_id}))
        if isinstance(value, LookupFailed):
            return value
        try:
            return ImportStatus(str(value))
        except ValueError:
            return LookupFailed(f"an import is {value}, which nobody has heard of")

    def errors(self, execution_id: str) -> str:
        """Return what an import says went wrong, in its own words; "" where it says nothing."""
        value = self._value(self.data.act("GetExecutionErrors", {"executionId": execution_id}))
        return "" if isinstance(value, LookupFailed) else str(value)

    def _not_started(self, result: CallResult, journal: Journal) -> Submission:
        """Tell apart what a refusal means: an import that runs refuses every other one for the time being."""
        outcome = after_failure(result)
        if not isinstance(outcome, Rejected):
            return outcome
        if isinstance(result, Reply) and result.status == HTTPStatus.BAD_REQUEST:
            return Rejected(RejectionKind.CONFIGURATION, outcome.code, outcome.text)
        if self.status(journal.external_ref) is ImportStatus.UNKNOWN:
            return Throttled()
        return Uncertain(outcome.text)

    def _write_url(self, external_ref: str) -> str | Throttled | AuthFailed | Rejected:
        result = self.data.act("GetAzureWriteUrl", {"uniqueFileName": f"{external_ref}.zip"})
        if not isinstance(result, Reply) or not result.succeeded:
            return before_any_write(result)
        try:
            url = str(json.loads(str(self._value(result)))["BlobUrl"])  # the value is JSON in a text
        except (ValueError, KeyError, TypeError):
            return Throttled()
        address = urlsplit(url)
        if address.scheme != "https" and address.hostname != "127.0.0.1":
            return Rejected.of(RejectionCode.NOT_ENCRYPTED, "the ERP's blob store has no https address")
        return url

    def _value(self, result: CallResult) -> object | LookupFailed:
        if not isinstance(result, Reply) or result.status != HTTPStatus.OK:
            return LookupFailed(why_not_read(result))
        try:
            value: object = result.json()["value"]
        except (MalformedReplyError, KeyError) as error:
            return LookupFailed(f"the reply has no value: {error}")
        return value

    def _package(self, journal: Journal) -> bytes:
        return package([self._row(line, journal) for line in journal.lines])

    def _row(self, line: JournalLine, journal: Journal) -> Mapping[str, str]:
        fields = self.journals.line(line, journal)
        return {
            "JOURNALBATCHNUMBER": journal.external_ref,  # a placeholder: the ERP numbers it
            "JOURNALNAME": self.settings.journal_name,
            "DESCRIPTION": self.journals.package_description(journal),
            "LINENUMBER": str(line.line_no),
            "ACCOUNTTYPE": _ACCOUNT_TYPES[str(fields["AccountType"])],
            "ACCOUNTDISPLAYVALUE": str(fields["AccountDisplayValue"]),
            "DEBITAMOUNT": f"{fields['DebitAmount']:f}",
            "CREDITAMOUNT": f"{fields['CreditAmount']:f}",
            "CURRENCYCODE": str(fields["CurrencyCode"]),
            "TRANSDATE": journal.posting_date.isoformat(),
            "VOUCHER": journal.external_ref,
            "DOCUMENT": journal.external_ref,
            "TEXT": line.text,
        }


def _not_uploaded(result: Exchange) -> Throttled | AuthFailed | Rejected:
    """Return what a failed upload means. A signature lasts for minutes only: the next attempt is given a new one."""
    if isinstance(result, Reply) and result.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return Throttled()
    return before_any_write(result)
