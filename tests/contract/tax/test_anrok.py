"""What only Anrok does: one tax date a transaction, reverse charge by tax id, refusals by name."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from shared.domain.tax.outcome import Quoted, Recorded, TaxGapCode, TaxRefused
from shared.domain.vat_category import VatCategory
from simulators.tax import Fault
from tests.builders.billing import euros
from tests.builders.tax import a_tax_document, tax_line
from tests.contract.tax.conftest import OpenSite

JUNE = date(2026, 6, 30)
OF_TWO_TAX_POINTS = a_tax_document(tax_line(1, "100.00"), tax_line(2, "100.00", tax_point=JUNE), tax=euros("35.00"))


def test_a_document_of_two_tax_points_is_two_transactions_and_one_tax(open_site: OpenSite) -> None:
    site = open_site("anrok")

    assert site.engine.commit(OF_TWO_TAX_POINTS) == Recorded(euros("35.00"))

    assert [(held.code, held.tax) for held in site.outside.documents()] == [
        ("JBSWY3DPEHPK3PXP:2026-06-30", Decimal("16.00")),
        ("JBSWY3DPEHPK3PXP:2026-10-31", Decimal("19.00")),
    ]


def test_a_commit_that_breaks_off_between_its_parts_is_completed_by_the_next(open_site: OpenSite) -> None:
    site = open_site("anrok")
    site.outside.faults.script(None, Fault.SERVER_ERROR, operation="create_or_update")

    assert not isinstance(site.engine.commit(OF_TWO_TAX_POINTS), Recorded)
    assert site.engine.commit(OF_TWO_TAX_POINTS) == Recorded(euros("35.00"))

    assert [held.version for held in site.outside.documents()] == [2, 1]


def test_a_tax_id_of_another_country_shifts_the_tax_to_the_buyer(open_site: OpenSite) -> None:
    quoted = open_site("anrok").engine.quote(a_tax_document(country="FR", tax_id="FR40303265045"))

    assert isinstance(quoted, Quoted)
    assert {(line.rate, line.vat_category, line.exemption_reason) for line in quoted.lines} == {
        (Decimal(0), VatCategory.REVERSE_CHARGE, "reverse charge")
    }


def test_a_product_that_is_not_set_up_at_anrok_is_a_gap_and_no_failure(open_site: OpenSite) -> None:
    site = open_site("anrok")
    entity = site.master_data.entity
    site.master_data.entity = replace(entity, tax=replace(entity.tax, categories={"standard": "unknown"}))

    quoted = site.engine.quote(a_tax_document())

    assert isinstance(quoted, Quoted)
    assert [gap.code for gap in quoted.gaps] == [TaxGapCode.TAX_ATTRIBUTE_MISSING]
    refused = site.engine.commit(a_tax_document())
    assert isinstance(refused, TaxRefused)
    assert refused.code == "productExternalIdUnknown"
