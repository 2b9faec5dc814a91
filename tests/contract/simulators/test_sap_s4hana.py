"""The SAP simulator keeps to what is published and recorded of the synchronous journal service and OData V2."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from xml.etree.ElementTree import Element

import httpx
import pytest
from beancount import loader
from defusedxml.ElementTree import fromstring

from simulators.erp import AccountRole, CompanySetup, Fault
from simulators.erp.sap_s4hana.api import JOURNAL_ENTRIES, ODATA
from simulators.erp.sap_s4hana.communication_user import SapCredentials
from simulators.erp.sap_s4hana.simulator import SapS4HanaSimulator
from tests.contract.simulators.callers import NONE, HandClock
from tests.fakes.in_process_http import InProcess

SOAP = "{http://schemas.xmlsoap.org/soap/envelope/}"
SFIN = "{http://sap.com/xi/SAPSCORE/SFIN}"
CUBE = "/API_OPLACCTGDOCITEMCUBE_SRV/A_OperationalAcctgDocItemCube"
PARTNERS = "/API_BUSINESS_PARTNER/A_BusinessPartner"
ACME = CompanySetup(
    company="1010",
    name="Acme GmbH",
    local_currency="EUR",
    receivable_account="12100000",
    tax_account="22000000",
    revenue_accounts={"api_calls": "41000000", "storage": "41000001"},
    tax_codes={"A1": Decimal("0.19"), "A0": Decimal(0)},
    bank_account="11001000",
    accounts={"24500000": AccountRole.LIABILITY},
    dimensions={"ProfitCenter": frozenset({"YB101"})},
)


@dataclass
class Sap:
    """Speaks to one served tenant with the user's password."""

    root: str
    simulator: SapS4HanaSimulator
    clock: HandClock
    http: httpx.Client
    auth: tuple[str, str] = ("U2CPOST", "right")

    def customer(self, changes: Mapping[str, object] = NONE) -> httpx.Response:
        token, cookie = self.fetched()
        return self.create(a_partner("ACME") | dict(changes), token=token, cookie=cookie)

    def fetched(self) -> tuple[str, str]:
        """Return a token against forged requests and the cookies that it came with."""
        answer = self.get(PARTNERS, **{"x-csrf-token": "Fetch"})
        cookie = "; ".join(f"{name}={value}" for name, value in answer.cookies.items())
        return answer.headers["x-csrf-token"], cookie

    def create(self, partner: dict[str, object], *, token: str, cookie: str) -> httpx.Response:
        headers = {"x-csrf-token": token, **({"cookie": cookie} if cookie else {})}
        self.http.cookies.clear()
        return self.http.post(self.root + ODATA + PARTNERS, json=partner, headers=headers, auth=self.auth)

    def get(self, path: str, **headers: str) -> httpx.Response:
        self.http.cookies.clear()
        return self.http.get(self.root + ODATA + path, headers=headers, auth=self.auth)

    def rows(self, path: str) -> list[dict[str, object]]:
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        rows: list[dict[str, object]] = answer.json()["d"]["results"]
        return rows

    def post(self, *entries: str) -> httpx.Response:
        return self.send(ENVELOPE.format("".join(entries)).encode())

    def send(self, body: bytes) -> httpx.Response:
        headers = {"content-type": "text/xml"}
        return self.http.post(self.root + JOURNAL_ENTRIES, content=body, headers=headers, auth=self.auth)

    def confirmed(self, *entries: str) -> list[Element]:
        answer = self.post(*entries)
        assert answer.status_code == 200
        envelope = fromstring(answer.content)
        found: list[Element] = envelope.findall(
            f"{SOAP}Body/{SFIN}JournalEntryBulkCreateConfirmation/JournalEntryCreateConfirmation"
        )
        return found


ENVELOPE = (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header/><s:Body>'
    '<x:JournalEntryBulkCreateRequest xmlns:x="http://sap.com/xi/SAPSCORE/SFIN"><MessageHeader><ID>RUN1</ID>'
    "<CreationDateTime>2026-04-02T06:00:00Z</CreationDateTime></MessageHeader>{}"
    "</x:JournalEntryBulkCreateRequest></s:Body></s:Envelope>"
)


def an_entry(
    reference: str = "7Q2M4K2D3XAB5C6T",
    *,
    document_type: str = "DR",
    debtor: str = "10100001",
    account: str = "41000000",
    net: str = "-1000.00",
    tax: str = "-190.00",
    gross: str = "1190.00",
    code: str = "H",
    tax_code: str = "A1",
    posting_date: str = "2026-03-31",
    tax_base: str = "",
    more: str = "",
    profit_center: str = "YB101",
) -> str:
    eur = ' currencyCode="EUR"'
    return (
        f"<JournalEntryCreateRequest><MessageHeader><ID>DOC{reference}</ID>"
        "<CreationDateTime>2026-04-02T06:00:00Z</CreationDateTime></MessageHeader><JournalEntry>"
        "<OriginalReferenceDocumentType>BKPFF</OriginalReferenceDocumentType>"
        f"<OriginalReferenceDocument>{reference}</OriginalReferenceDocument>"
        "<OriginalReferenceDocumentLogicalSystem>u2c</OriginalReferenceDocumentLogicalSystem>"
        "<BusinessTransactionType>RFBU</BusinessTransactionType>"
        f"<AccountingDocumentType>{document_type}</AccountingDocumentType>"
        f"<DocumentReferenceID>{reference}</DocumentReferenceID><DocumentHeaderText>INV-1</DocumentHeaderText>"
        "<CreatedByUser>U2CPOST</CreatedByUser><CompanyCode>1010</CompanyCode><DocumentDate>2026-03-31</DocumentDate>"
        f"<PostingDate>{posting_date}</PostingDate>{more}"
        f"<Item><ReferenceDocumentItem>2</ReferenceDocumentItem><GLAccount>{account}</GLAccount>"
        f"<AmountInTransactionCurrency{eur}>{net}</AmountInTransactionCurrency>"
        f"<DebitCreditCode>{code}</DebitCreditCode><Tax><TaxCode>{tax_code}</TaxCode></Tax>"
        f"<AccountAssignment><ProfitCenter>{profit_center}</ProfitCenter></AccountAssignment></Item>"
        f"<DebtorItem><ReferenceDocumentItem>1</ReferenceDocumentItem><Debtor>{debtor}</Debtor>"
        f"<AmountInTransactionCurrency{eur}>{gross}</AmountInTransactionCurrency></DebtorItem>"
        f"<ProductTaxItem><TaxCode>{tax_code}</TaxCode><TaxItemClassification>MWS</TaxItemClassification>"
        f"<AmountInTransactionCurrency{eur}>{tax}</AmountInTransactionCurrency>"
        f"<TaxBaseAmountInTransCrcy{eur}>{tax_base or net}</TaxBaseAmountInTransCrcy></ProductTaxItem>"
        "</JournalEntry></JournalEntryCreateRequest>"
    )


def a_partner(key: str) -> dict[str, object]:
    return {
        "BusinessPartnerCategory": "2",
        "BusinessPartnerGrouping": "BP02",
        "BusinessPartnerIDByExtSystem": key,
        "OrganizationBPName1": "Wayne Enterprises",
        "to_BusinessPartnerRole": [{"BusinessPartnerRole": "FLCU00"}],
        "to_BusinessPartnerAddress": [{"Country": "DE", "to_EmailAddress": [{"EmailAddress": "ap@wayne.example"}]}],
        "to_BusinessPartnerTax": [{"BPTaxType": "DE0", "BPTaxNumber": "DE811907980"}],
        "to_Customer": {"to_CustomerCompany": [{"CompanyCode": "1010", "ReconciliationAccount": "12100000"}]},
    }


def outcome(confirmation: Element) -> tuple[str, str, list[str]]:
    """Return number, greatest severity and the messages of one confirmed entry."""
    return (
        confirmation.findtext("JournalEntryCreateConfirmation/AccountingDocument") or "",
        confirmation.findtext("Log/MaximumLogItemSeverityCode") or "",
        [item.findtext("TypeID") or "" for item in confirmation.findall("Log/Item")],
    )


@pytest.fixture
def sap() -> Sap:
    clock = HandClock()
    simulator = SapS4HanaSimulator(
        companies=[ACME], credentials=SapCredentials("U2CPOST", "right", "client-1"), now=clock.now
    )
    return Sap("https://sap.test", simulator, clock, httpx.Client(transport=InProcess(simulator.app)))


@pytest.fixture
def ready(sap: Sap) -> Sap:
    assert sap.customer().status_code == 201
    return sap


def test_an_entry_is_posted_at_once_with_a_ten_digit_number_and_severity_one(ready: Sap) -> None:
    (confirmation,) = ready.confirmed(an_entry())

    assert outcome(confirmation) == ("1800000000", "1", ["605(RW)"])
    assert confirmation.findtext("MessageHeader/ReferenceID") == "DOC7Q2M4K2D3XAB5C6T"
    assert confirmation.findtext("JournalEntryCreateConfirmation/FiscalYear") == "2026"
    ledger = ready.simulator.ledger
    assert ledger.trial_balance(company="1010") == {
        ("12100000", "EUR"): Decimal("1190.00"),
        ("22000000", "EUR"): Decimal("-190.00"),
        ("41000000", "EUR"): Decimal("-1000.00"),
    }
    assert loader.load_string(ledger.to_beancount())[1] == []


def test_a_refused_entry_comes_with_status_200_severity_three_and_no_number(ready: Sap) -> None:
    seen = [outcome(ready.confirmed(an_entry(debtor="2"))[0]) for _ in range(2)]

    assert {number for number, _, _ in seen} == {" ", "0000000000"}
    assert [(severity, types) for _, severity, types in seen] == [("3", ["609(RW)", "102(F5)"])] * 2
    assert ready.simulator.documents() == ()


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (an_entry(account="99999999"), "507(F5)"),
        (an_entry(account="12100000"), "351(F5)"),
        (an_entry(gross="1190.01"), "022(RW)"),
        (an_entry(code="S"), "021(RW)"),
        (an_entry(tax_code="Z9"), "713(FF)"),
        (an_entry(profit_center="NOWHERE"), "265(KI)"),
        (an_entry(document_type="KR"), "814(F5)"),
        (an_entry(tax_base="-900.00"), "817(FF)"),
    ],
)
def test_what_is_wrong_with_an_entry_is_said_by_message(ready: Sap, entry: str, message: str) -> None:
    number, severity, types = outcome(ready.confirmed(entry)[0])

    assert (number.strip("0 "), severity) == ("", "3")
    assert message in types


def test_a_tax_that_is_not_the_calculated_one_is_a_warning_and_posted(ready: Sap) -> None:
    assert outcome(ready.confirmed(an_entry(tax="-190.01", gross="1190.01"))[0]) == (
        "1800000000",
        "2",
        ["605(RW)", "747(FF)"],
    )


def test_some_of_a_bulk_are_posted_and_answered_in_another_order(ready: Sap) -> None:
    sent = [an_entry(f"REF{n:013d}", debtor="10100001" if n % 2 else "2") for n in range(6)]

    confirmed = ready.confirmed(*sent)

    references = [each.findtext("MessageHeader/ReferenceID") for each in confirmed]
    assert references != sorted(str(each) for each in references)
    assert {each.findtext("MessageHeader/ReferenceID"): outcome(each)[1] for each in confirmed} == {
        f"DOCREF{n:013d}": "1" if n % 2 else "3" for n in range(6)
    }
    assert len(ready.simulator.documents()) == 3


def test_a_reference_is_not_unique_so_a_careless_resend_doubles_the_revenue(ready: Sap) -> None:
    for _ in range(2):
        ready.confirmed(an_entry())

    assert ready.simulator.ledger.balance(company="1010", role=AccountRole.REVENUE, currency="EUR") == -2000


def test_customers_can_be_closed_while_the_ledger_is_open(ready: Sap) -> None:
    ready.simulator.set_window_of("D", "1010", posting_from=date(2026, 4, 1), posting_to=None)
    journal = an_entry("JOURNAL", document_type="SA").replace("DebtorItem", "Item").replace("Debtor", "GLAccount")
    journal = journal.replace("10100001", "24500000")

    assert outcome(ready.confirmed(an_entry())[0])[2] == ["609(RW)", "201(F5)"]
    assert outcome(ready.confirmed(journal)[0])[1] == "1"


@pytest.mark.parametrize(("fault", "message"), [(Fault.CLOSED_PERIOD, "201(F5)"), (Fault.OBJECT_LOCKED, "601(MC)")])
def test_a_closed_period_and_a_lock_last_for_one_call_by_fault(ready: Sap, fault: Fault, message: str) -> None:
    ready.simulator.faults.script(fault, operation="create_journal_entry")

    assert message in outcome(ready.confirmed(an_entry())[0])[2]
    assert outcome(ready.confirmed(an_entry())[0])[1] == "1"


@pytest.mark.parametrize(
    "body",
    [
        b"<nothing/>",
        b"not xml",
        ENVELOPE.format("").encode(),
        ENVELOPE.format(an_entry("A" * 17)).encode(),
        ENVELOPE.format(an_entry(more="<Typo>1</Typo>")).encode(),
        ENVELOPE.format(an_entry(net="1,000.00")).encode(),
        b'<!DOCTYPE b [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + ENVELOPE.format(an_entry("&b;")).encode(),
    ],
)
def test_what_cannot_be_read_is_a_soap_fault_and_books_nothing(ready: Sap, body: bytes) -> None:
    answer = ready.send(body)

    assert answer.status_code == 500
    assert fromstring(answer.content).findtext(f"{SOAP}Body/{SOAP}Fault/faultstring")
    assert ready.simulator.documents() == ()


def test_a_failing_server_answers_soap_in_soap_and_odata_in_odata(ready: Sap) -> None:
    ready.simulator.faults.script(Fault.SERVER_ERROR, operation="create_journal_entry")
    ready.simulator.faults.script(Fault.SERVER_ERROR, operation="find_journal_entries")

    assert b"faultstring" in ready.post(an_entry()).content
    error = ready.get(CUBE).json()["error"]
    assert error["message"]["value"] == error["innererror"]["errordetails"][0]["message"]


def test_keys_are_kept_in_upper_case_and_looked_up_as_written(ready: Sap) -> None:
    ready.confirmed(an_entry("abcdefghijklmnop"))

    key = "ABCDEFGHIJKLMNOP"
    system = "and ReferenceDocumentLogicalSystem eq 'U2C'"
    found = ready.rows(f"{CUBE}?$filter=CompanyCode eq '1010' and OriginalReferenceDocument eq '{key}' {system}")
    assert {row["AccountingDocument"] for row in found} == {"1800000000"}
    assert ready.rows(f"{CUBE}?$filter=DocumentReferenceID eq '{key.lower()}'") == []


def test_a_reference_may_be_replaced_by_the_number_while_the_other_stays(ready: Sap) -> None:
    ready.simulator.faults.script(Fault.REFERENCE_REPLACED, operation="create_journal_entry")
    ready.confirmed(an_entry())

    (row, *_) = ready.rows(f"{CUBE}?$filter=DocumentReferenceID eq '7Q2M4K2D3XAB5C6T'&$format=json")
    assert row["OriginalReferenceDocument"] == "180000000010102026"


def test_items_are_read_with_texts_for_amounts_and_milliseconds_for_dates(ready: Sap) -> None:
    ready.confirmed(an_entry())

    row, *_ = ready.rows(f"{CUBE}?$filter=FinancialAccountType eq 'D'&$select=AmountInTransactionCurrency,PostingDate")
    assert row["AmountInTransactionCurrency"] == "1190.00"
    assert row["PostingDate"] == "/Date(1774915200000)/"
    filtered = "(TaxCode eq 'A1' or IsCleared eq true) and PostingDate ge datetime'2026-03-31T00:00:00'"
    chosen = ready.rows(f"{CUBE}?$filter={filtered}&$orderby=AccountingDocumentItem desc&$top=1&$skip=1")
    assert [each["GLAccount"] for each in chosen] == ["41000000"]


@pytest.mark.parametrize(
    "query",
    ["$filter=Nope eq '1'", "$filter=CompanyCode eq", "$filter=(CompanyCode eq '1'", "$select=Nope", "$top=-1"],
)
def test_a_query_that_is_not_understood_is_refused(ready: Sap, query: str) -> None:
    ready.confirmed(an_entry())

    assert ready.get(f"{CUBE}?{query}").status_code == 400


def test_a_write_needs_the_token_with_its_cookie_while_both_last(ready: Sap) -> None:
    token, cookie = ready.fetched()
    assert "sap-usercontext" in cookie

    without = ready.create(a_partner("B"), token=token, cookie="")
    assert (without.status_code, without.headers["x-csrf-token"]) == (403, "Required")
    assert ready.create(a_partner("B"), token=token, cookie=cookie).status_code == 201
    ready.simulator.faults.script(Fault.CSRF_EXPIRED, operation="create_customer")
    assert [ready.create(a_partner("C"), token=token, cookie=cookie).status_code for _ in range(2)] == [403, 403]
    assert len(ready.rows(PARTNERS)) == 2


def test_a_token_ends_with_its_session(ready: Sap) -> None:
    token, cookie = ready.fetched()
    ready.clock.pass_(minutes=30)

    answer = ready.create(a_partner("B"), token=token, cookie=cookie)
    assert answer.headers["x-csrf-token"] == "Required"


def test_a_business_partner_is_found_by_the_key_of_another_system(ready: Sap) -> None:
    query = "?$filter=BusinessPartnerIDByExtSystem eq 'ACME'&$expand=to_BusinessPartnerAddress,to_BusinessPartnerTax"

    (found,) = ready.rows(PARTNERS + query)

    assert (found["Customer"], found["BusinessPartnerFullName"]) == ("10100001", "Wayne Enterprises")
    assert found["to_BusinessPartnerTax"]["results"][0]["BPTaxNumber"] == "DE811907980"  # type: ignore[index]
    assert ready.customer().status_code == 201  # the key is not unique
    assert len(ready.rows(PARTNERS + query)) == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"BusinessPartnerCategory": "1"},
        {"OrganizationBPName1": "W" * 41},
        {"Customer": "77"},
        {"to_BusinessPartnerRole": []},
        {"to_BusinessPartnerAddress": []},
        {"to_BusinessPartnerTax": [{"BPTaxNumber": "DE811907980"}]},
        {"to_Customer": {"to_CustomerCompany": [{"CompanyCode": "9999"}]}},
        {"to_Customer": {"to_CustomerCompany": [{"CompanyCode": "1010", "ReconciliationAccount": "41000000"}]}},
    ],
)
def test_a_business_partner_that_is_not_whole_is_refused_whole(sap: Sap, changes: dict[str, object]) -> None:
    assert sap.customer(changes).status_code == 400
    assert sap.rows(PARTNERS) == []


def test_five_wrong_passwords_lock_the_user_for_the_right_one_too(ready: Sap) -> None:
    ready.auth = ("U2CPOST", "wrong")
    assert [ready.get(CUBE).status_code for _ in range(5)] == [401] * 5

    ready.auth = ("U2CPOST", "right")
    assert ready.get(CUBE).status_code == 401
    assert ready.post(an_entry()).status_code == 401
    ready.simulator.user.unlock()
    assert ready.get(CUBE).status_code == 200


def test_client_credentials_give_a_token_until_it_ends(ready: Sap) -> None:
    form = {"grant_type": "client_credentials", "client_id": "client-1", "client_secret": "right"}
    token = ready.http.post(ready.simulator.token_url(ready.root), data=form).json()["access_token"]

    def status() -> int:
        headers = {"authorization": f"Bearer {token}"}
        return ready.http.get(ready.root + ODATA + CUBE, headers=headers).status_code

    assert status() == 200
    ready.clock.pass_(minutes=60)
    assert status() == 401
    refused = ready.http.post(ready.simulator.token_url(ready.root), data=form | {"client_secret": "wrong"})
    assert (refused.status_code, ready.simulator.user.wrong_passwords) == (401, 1)


def test_a_payment_clears_an_invoice_and_less_stays_beside_it(ready: Sap) -> None:
    ready.confirmed(an_entry())
    reference = "7Q2M4K2D3XAB5C6T"

    ready.simulator.pay(reference, Decimal(190), date(2026, 4, 10))
    (invoice,) = ready.simulator.documents()
    assert invoice.open_amount == 1000
    (partial,) = ready.rows(f"{CUBE}?$filter=InvoiceReference eq '1800000000'")
    assert (partial["AccountingDocumentType"], partial["IsCleared"]) == ("DZ", False)

    ready.simulator.pay(reference, Decimal(1000), date(2026, 4, 20))
    (invoice,) = ready.simulator.documents()
    assert invoice.open_amount == 0
    cleared = ready.rows(f"{CUBE}?$filter=IsCleared eq true and FinancialAccountType eq 'D'")
    assert {row["ClearingAccountingDocument"] for row in cleared} == {"1400000001"}
    assert len(cleared) == 3
    assert ready.simulator.ledger.trial_balance(company="1010")["11001000", "EUR"] == 1190


def test_a_reversal_carries_the_reference_of_what_it_reverses(ready: Sap) -> None:
    ready.confirmed(an_entry())

    ready.simulator.reverse("7Q2M4K2D3XAB5C6T", date(2026, 4, 10))

    rows = ready.rows(f"{CUBE}?$filter=DocumentReferenceID eq '7Q2M4K2D3XAB5C6T' and FinancialAccountType eq 'D'")
    assert [(row["IsReversed"], row["IsReversal"], row["IsCleared"]) for row in rows] == [
        (True, False, True),
        (False, True, True),
    ]
    assert ready.simulator.ledger.trial_balance(company="1010") == {}


def test_reference_data_can_be_read(ready: Sap) -> None:
    accounts = ready.rows(
        "/API_GLACCOUNTINCHARTOFACCOUNTS_SRV/A_GLAccountInChartOfAccounts?$filter=ChartOfAccounts eq 'YCOA'"
    )
    assert {row["GLAccount"] for row in accounts} == set(ACME.chart())
    (company,) = ready.rows("/API_COMPANYCODE_SRV/A_CompanyCode?$filter=CompanyCode eq '1010'")
    assert company["Currency"] == "EUR"
    assert [row["ProfitCenter"] for row in ready.rows("/API_PROFITCENTER_SRV/A_ProfitCenter")] == ["YB101"]
    assert ready.rows("/API_COSTCENTER_SRV/A_CostCenter") == []
