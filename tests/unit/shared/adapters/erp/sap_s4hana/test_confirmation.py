"""A posted entry is told from a refused one by severity and number; whatever cannot be read is nobody's guess."""

import pytest

from shared.adapters.erp.sap_s4hana.confirmation import Messages, outcome_of
from shared.adapters.http.transport import NoAnswer, NotSent, Reply
from shared.domain.posting.outcome import (
    AuthFailed,
    ErpRef,
    Posted,
    Rejected,
    RejectionKind,
    Submission,
    Throttled,
    Uncertain,
)

OURS = "7Q2M4K2D3XAB5C6T"
SOAP_1_1 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_1_2 = "http://www.w3.org/2003/05/soap-envelope"
A_SETUP = Messages.of({"lock_messages": "042(F2)"})
BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'


def a_confirmation(
    *messages: tuple[str, str, str],
    number: str = "0100000008",
    severity: str = "1",
    reference: str = OURS,
    soap: str = SOAP_1_1,
    before: str = "",
) -> bytes:
    """Return a confirmation with messages of type, severity and text."""
    items = "".join(
        f"<Item><TypeID>{code}</TypeID><SeverityCode>{grade}</SeverityCode><Note>{note}</Note></Item>"
        for code, grade, note in messages
    )
    return (
        f'<e:Envelope xmlns:e="{soap}"><e:Header/><e:Body>'
        '<q:JournalEntryBulkCreateConfirmation xmlns:q="http://sap.com/xi/SAPSCORE/SFIN">'
        f"{before}<JournalEntryCreateConfirmation><MessageHeader><ReferenceID>{reference}</ReferenceID></MessageHeader>"
        f"<JournalEntryCreateConfirmation><AccountingDocument>{number}</AccountingDocument>"
        "<CompanyCode>1010</CompanyCode><FiscalYear>2026</FiscalYear></JournalEntryCreateConfirmation>"
        f"<Log><MaximumLogItemSeverityCode>{severity}</MaximumLogItemSeverityCode>{items}</Log>"
        "</JournalEntryCreateConfirmation><Log/></q:JournalEntryBulkCreateConfirmation></e:Body></e:Envelope>"
    ).encode()


def outcome(body: bytes, status: int = 200) -> Submission:
    return outcome_of(Reply(status, {}, body), OURS, company="1010", messages=A_SETUP)


def refused(*messages: tuple[str, str, str], number: str = "0000000000") -> Submission:
    wrapper = ("609(RW)", "3", "Error in document: BKPFF $")
    return outcome(a_confirmation(wrapper, *messages, number=number, severity="3"))


@pytest.mark.parametrize("soap", [SOAP_1_1, SOAP_1_2])
@pytest.mark.parametrize("severity", ["1", "2"])
def test_a_number_with_at_most_a_warning_is_posted(soap: str, severity: str) -> None:
    posted = a_confirmation(("605(RW)", "1", "posted"), severity=severity, soap=soap)

    assert outcome(posted) == Posted(ErpRef("1010/0100000008/2026"))


@pytest.mark.parametrize("number", ["", " ", "0000000000"])
def test_a_refusal_comes_with_the_messages_behind_the_wrapper(number: str) -> None:
    customer = ("102(F5)", "3", "Customer 2 is not defined in company code 1010")

    assert refused(customer, customer, number=number) == Rejected(RejectionKind.MAPPING, "102(F5)", customer[2])


@pytest.mark.parametrize(
    ("codes", "kind", "code"),
    [
        (["201(F5)"], RejectionKind.PERIOD, "201(F5)"),
        (["507(F5)", "201(F5)"], RejectionKind.PERIOD, "201(F5)"),
        (["004(FH)"], RejectionKind.MAPPING, "004(FH)"),
        (["265(KI)"], RejectionKind.MAPPING, "265(KI)"),
        (["022(RW)"], RejectionKind.VALIDATION, "022(RW)"),
        (["999(ZZ)"], RejectionKind.VALIDATION, "999(ZZ)"),
        (["601(MC)", "022(RW)"], RejectionKind.VALIDATION, "601(MC)"),
        ([], RejectionKind.VALIDATION, "609(RW)"),
        ([""], RejectionKind.VALIDATION, ""),
    ],
)
def test_each_message_is_of_one_kind(codes: list[str], kind: RejectionKind, code: str) -> None:
    found = refused(*((code, "3", f"about {code}") for code in codes))

    assert isinstance(found, Rejected)
    assert (found.kind, found.code) == (kind, code)


def test_which_classes_of_messages_are_mappings_a_tenant_may_say() -> None:
    ours = Messages.of({"mapping_classes": "ZM, /ACME/M"})

    assert [ours.kind(code) for code in ("001(ZM)", "002(/ACME/M)", "004(FH)", "507(F5)")] == [
        RejectionKind.MAPPING
    ] * 4
    assert ours.kind("265(KI)") is RejectionKind.VALIDATION


@pytest.mark.parametrize("code", ["601(MC)", "042(F2)"])
def test_a_lock_alone_is_busy(code: str) -> None:
    assert refused((code, "3", "locked by user")) == Throttled()


@pytest.mark.parametrize(
    "body",
    [
        a_confirmation(severity="3"),  # a number, and an error nobody names
        a_confirmation(("022(RW)", "3", "unbalanced"), severity="1"),
        a_confirmation(number="0000000000"),
        a_confirmation(severity=""),
        a_confirmation(number="not a number"),
        a_confirmation(reference="SOMEONE-ELSES"),
        a_confirmation()[:-40],
        b"",
        b"<html><body>502 Bad Gateway</body></html>",
        BOMB.encode() + a_confirmation(),
        a_confirmation().replace(b"SAPSCORE/SFIN", b"ANOTHER"),
        a_confirmation().replace(SOAP_1_1.encode(), b"urn:other"),
        "\udcff".encode("utf-8", "surrogatepass"),
    ],
)
def test_what_contradicts_itself_or_cannot_be_read_is_uncertain(body: bytes) -> None:
    assert isinstance(outcome(body), Uncertain)


def test_ours_is_found_among_others_whatever_the_order() -> None:
    other = (
        "<JournalEntryCreateConfirmation><MessageHeader><ReferenceID>OTHER</ReferenceID></MessageHeader>"
        "<Log><MaximumLogItemSeverityCode>3</MaximumLogItemSeverityCode></Log></JournalEntryCreateConfirmation>"
    )

    assert isinstance(outcome(a_confirmation(before=other)), Posted)


@pytest.mark.parametrize("status", [500, 502, 503, 408, 400, 302])
def test_a_fault_or_a_gateway_says_nothing_of_the_entry(status: int) -> None:
    assert isinstance(outcome(b"<fault/>", status), Uncertain)


@pytest.mark.parametrize("status", [404, 405, 415])
def test_an_address_without_the_service_is_for_somebody_to_mend(status: int) -> None:
    found = outcome(b"", status)

    assert isinstance(found, Rejected)
    assert found.kind is RejectionKind.CONFIGURATION


def test_what_was_not_sent_not_answered_and_not_let_in_stays_what_it_is() -> None:
    def of(result: NotSent | NoAnswer | AuthFailed | Throttled) -> Submission:
        return outcome_of(result, OURS, company="1010", messages=Messages.of({}))

    assert of(NotSent("ConnectError")) == Throttled()
    assert of(NoAnswer("ReadTimeout")) == Uncertain("ReadTimeout")
    assert of(AuthFailed("locked")) == AuthFailed("locked")
    assert outcome(b"", 429) == Throttled(0)
