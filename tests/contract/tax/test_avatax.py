"""What only AvaTax does: a tax date for each line of one transaction, returns that name their sale, others' pages."""

from datetime import date
from decimal import Decimal

import httpx

from shared.adapters.http.transport import HttpTransport
from shared.adapters.tax.avatax import AvaTax, authorization
from shared.adapters.tax.connection import TaxConnection
from shared.domain.master_data.tax_setup import TaxEngineName, TaxSetup
from shared.domain.tax.outcome import Quoted, Recorded, TaxGapCode, TaxRefused, TaxUnavailable, TaxUncertain
from tests.builders.billing import euros
from tests.builders.tax import a_tax_document, tax_line
from tests.contract.tax.conftest import OpenSite

JUNE = date(2026, 6, 30)
SETUP = TaxSetup(
    engine=TaxEngineName.AVATAX, connection="tax", company="NIMBUS", code="AVATAX", categories={"standard": "SW052000"}
)


class KnownSecret:
    def read(self, connection: str, *needed: str) -> dict[str, str]:
        return {"base_url": "https://avatax.test", "account_id": "1100", "license_key": "correct horse"}


def answering(status: int, **content: object) -> AvaTax:
    client = httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(status, **content)))  # type: ignore[arg-type]
    connection = TaxConnection(
        "tax",
        secrets=KnownSecret(),  # type: ignore[arg-type]
        needed=("account_id", "license_key"),
        authorization=authorization,
        transport=HttpTransport(client),
    )
    return AvaTax(connection, SETUP)


def test_a_document_of_two_tax_points_is_one_transaction(open_site: OpenSite) -> None:
    site = open_site("avatax")
    document = a_tax_document(tax_line(1, "100.00"), tax_line(2, "100.00", tax_point=JUNE), tax=euros("35.00"))

    assert site.engine.commit(document) == Recorded(euros("35.00"))
    assert [held.code for held in site.outside.documents()] == ["JBSWY3DPEHPK3PXP"]


def test_a_refund_is_a_return_that_names_its_sale(open_site: OpenSite) -> None:
    site = open_site("avatax")
    credit = a_tax_document(tax_line(1, "-10.00"), code="CREDITNOTE111111", tax=euros("-1.90"))
    site.engine.commit(a_tax_document())

    assert site.engine.refund(a_tax_document(), credit) == Recorded(euros("-1.90"))

    _, held = site.outside.documents()
    assert (held.kind, held.reference, held.tax) == ("ReturnInvoice", "JBSWY3DPEHPK3PXP", Decimal("-1.90"))


def test_an_address_that_avatax_cannot_place_is_a_gap() -> None:
    error = {"error": {"code": "InvalidAddress", "message": "Address is incomplete", "details": []}}

    quoted = answering(400, json=error).quote(a_tax_document())

    assert isinstance(quoted, Quoted)
    assert [gap.code for gap in quoted.gaps] == [TaxGapCode.TAX_ATTRIBUTE_MISSING]


def test_a_refusal_of_a_gateway_says_nothing_about_the_document() -> None:
    gateway = answering(404, text="<html>no such host</html>")

    assert isinstance(gateway.commit(a_tax_document()), TaxUncertain)
    assert isinstance(gateway.quote(a_tax_document()), TaxUnavailable)


def test_an_answer_without_lines_is_no_quotation() -> None:
    assert isinstance(answering(201, json={"totalTax": 1}).quote(a_tax_document()), TaxUnavailable)


def test_a_refusal_is_told_by_its_code() -> None:
    error = {"error": {"code": "AccountInvalidException", "message": "no account", "details": None}}

    assert answering(400, json=error).commit(a_tax_document()) == TaxRefused("AccountInvalidException", "no account")
