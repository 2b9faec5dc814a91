"""An invoice is posted with a part of its entity's mapping; which accounts that part has, is the ERP's way."""

from dataclasses import replace

import pytest

from shared.domain.identifiers import ProductId
from shared.domain.invoicing.invoice import Invoice
from shared.domain.master_data.catalog import DimensionMapping, ErpMapping
from shared.domain.posting.named_on_invoice import named_on_invoice
from tests.builders.billing import a_draft, calls, euros, nimbus
from tests.builders.tax import taxed

API, STORAGE = ProductId("api"), ProductId("storage")
INVOICE = taxed(a_draft(calls(150)))  # platform and api
(VAT,) = INVOICE.taxes
A_CENT_OFF = replace(INVOICE, taxes=(replace(VAT, amount=VAT.amount + euros("0.01")),))
MAPPING = replace(
    nimbus().erp,
    products={**nimbus().erp.products, STORAGE: "8420"},
    revenue_accounts={API: "4100", STORAGE: "4200"},
    accounts={"unbilled_receivables": "1450"},
    tax_codes={"DE-19": "VAT19", "DE-7": "VAT7"},
    currencies={"EUR": "1", "CHF": "3"},
)
BY_LINE = {"line": DimensionMapping(field="class", values={API: "9", STORAGE: "12"})}


def names(system: str, invoice: Invoice = INVOICE, mapping: ErpMapping = MAPPING) -> set[str]:
    return {name for name, _ in named_on_invoice(invoice, replace(mapping, system=system))}


def test_what_its_lines_taxes_and_currency_do_not_use_is_not_named() -> None:
    used = {"product platform", "product api", "tax code DE-19", "currency EUR"}

    assert names("netsuite") == used
    assert names("netsuite", mapping=replace(MAPPING, dimensions=BY_LINE)) == {*used, "dimension line of api"}


@pytest.mark.parametrize(
    ("system", "beside"),
    [
        ("business_central", {"product api"}),
        ("dynamics_finance", {"product api"}),
        ("legacy_files", {"tax_account", "revenue account of api"}),
        ("oracle_fusion", {"product api"}),
        ("sap_s4hana", {"revenue account of api"}),
        ("tryton", {"receivable_account", "tax_account", "product api"}),
    ],
)
def test_each_erp_is_told_the_accounts_that_it_does_not_find_by_itself(system: str, beside: set[str]) -> None:
    assert names(system) == {"product platform", "tax code DE-19", "currency EUR"} | beside


@pytest.mark.parametrize("system", ["business_central", "dynamics_finance"])
def test_a_remainder_of_tax_is_a_line_on_the_tax_account(system: str) -> None:
    assert names(system, A_CENT_OFF) - names(system) == {"tax_account"}


def test_fusion_is_told_revenue_accounts_where_a_line_has_dimensions() -> None:
    of_storage = {"line": DimensionMapping(field="SEGMENT2", values={STORAGE: "12"})}

    assert "revenue account of api" in names("oracle_fusion", mapping=replace(MAPPING, dimensions=BY_LINE))
    assert "revenue account of api" not in names("oracle_fusion", mapping=replace(MAPPING, dimensions=of_storage))
