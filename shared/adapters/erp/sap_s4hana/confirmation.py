"""What SAP confirms: status 200 both ways; severity and number tell a posted entry from one that is refused."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from xml.etree.ElementTree import Element

from shared.adapters.erp.reply_classes import after_failed_write
from shared.adapters.erp.sap_s4hana.soap import MalformedXmlError, read_message
from shared.adapters.erp.session import CallResult
from shared.adapters.http.transport import Reply
from shared.domain.posting.outcome import (
    ErpRef,
    Posted,
    Rejected,
    RejectionKind,
    Submission,
    Throttled,
    Uncertain,
)

_ERROR = 3  # severities: 1 information, 2 warning, 3 error
_WRAPPER = "609(RW)"  # "error in document": the others say which
_LOCKED: Final = frozenset({"601(MC)"})
_OF_ASSIGNMENTS: Final = "KI, KM"  # account assignments in controlling, profit centres
_NOT_PUBLISHED = {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.UNSUPPORTED_MEDIA_TYPE}
_KINDS: Final = {
    "201(F5)": RejectionKind.PERIOD,
    "102(F5)": RejectionKind.MAPPING,  # customer not in the company code
    "104(F5)": RejectionKind.MAPPING,
    "507(F5)": RejectionKind.MAPPING,  # account not in the chart
}
_CHART_OF_ACCOUNTS: Final = "FH"
# Where several apply: a closed period is opened or passed by before anybody looks at a mapping.
_GRAVEST_FIRST = (RejectionKind.PERIOD, RejectionKind.MAPPING)


@dataclass(frozen=True, slots=True)
class Messages:
    """What SAP's messages mean, as far as the settings of a mapping say it: `locks` alone are tried again."""

    locks: frozenset[str]
    mapping_classes: frozenset[str]

    @classmethod
    def of(cls, settings: Mapping[str, str]) -> "Messages":
        return cls(
            locks=_LOCKED | _listed(settings.get("lock_messages", "")),
            mapping_classes=_listed(settings.get("mapping_classes", _OF_ASSIGNMENTS)) | {_CHART_OF_ACCOUNTS},
        )

    def kind(self, code: str) -> RejectionKind:
        """Return what a message "number(class)" is about."""
        of_its_class = code.partition("(")[2].rstrip(")") in self.mapping_classes
        return _KINDS.get(code, RejectionKind.MAPPING if of_its_class else RejectionKind.VALIDATION)


def outcome_of(result: CallResult, key: str, *, company: str, messages: Messages) -> Submission:
    """Return what has come of the entry that was sent under our key; a fault or half a reply says nothing for sure."""
    if not isinstance(result, Reply):
        return after_failed_write(result) or Uncertain("no reply")
    if result.status in _NOT_PUBLISHED:
        return Rejected(RejectionKind.CONFIGURATION, str(result.status), "no journal entry service at this address")
    if result.status != HTTPStatus.OK:
        return after_failed_write(result) or Uncertain(f"status {result.status} without a confirmation")
    try:
        bulk = read_message(result.body, "JournalEntryBulkCreateConfirmation")
    except MalformedXmlError as error:
        return Uncertain(f"the confirmation cannot be read: {error}")
    for confirmed in bulk.iterfind("JournalEntryCreateConfirmation"):
        if _text(confirmed, "MessageHeader/ReferenceID") == key:
            return _confirmed(confirmed, company, messages)
    return Uncertain("the confirmation does not name our entry")


def _confirmed(confirmed: Element, company: str, messages: Messages) -> Submission:
    number = _text(confirmed, "JournalEntryCreateConfirmation/AccountingDocument")
    year = _text(confirmed, "JournalEntryCreateConfirmation/FiscalYear")
    has_number = number.isdigit() and number.strip("0") != ""
    severity = _text(confirmed, "Log/MaximumLogItemSeverityCode")
    errors = [*_errors(confirmed)]
    if has_number and severity in {"1", "2"} and not errors:
        return Posted(ErpRef(f"{company}/{number}/{year}"))
    if has_number or not errors:
        return Uncertain(f"number {number or 'none'} and severity {severity or 'none'} contradict each other")
    return _refused(errors, messages)


def _errors(confirmed: Element) -> Iterator[tuple[str, str]]:
    for item in confirmed.iterfind("Log/Item"):
        severity = _text(item, "SeverityCode")
        if severity.isdigit() and int(severity) >= _ERROR:
            yield _text(item, "TypeID"), _text(item, "Note")


def _refused(errors: list[tuple[str, str]], messages: Messages) -> Rejected | Throttled:
    told = [error for error in errors if error[0] != _WRAPPER] or errors
    if all(code in messages.locks for code, _ in told):
        return Throttled()  # somebody works on the customer or the account right now
    kinds = {messages.kind(code): code for code, _ in reversed(told)}
    kind = next((kind for kind in _GRAVEST_FIRST if kind in kinds), RejectionKind.VALIDATION)
    texts = dict.fromkeys(text for _, text in told)
    return Rejected(kind, kinds[kind], "; ".join(texts))


def _listed(text: str) -> frozenset[str]:
    return frozenset(one.strip() for one in text.split(",") if one.strip())


def _text(element: Element, path: str) -> str:
    return (element.findtext(path) or "").strip()
