"""What every tax engine does, the table and both outside ones: one suite, the outside ones on their simulators."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import boto3
import pytest

from shared.domain.tax.outcome import (
    Frozen,
    Quoted,
    Recorded,
    TaxAuthFailed,
    TaxGapCode,
    TaxRefused,
    TaxUnavailable,
    TaxUncertain,
)
from shared.domain.vat_category import VatCategory
from simulators.tax import Fault
from tests.builders.billing import euros
from tests.builders.tax import AUSTIN, a_tax_document, tax_line
from tests.contract.foreign_certificates import of_loopback, tls_server
from tests.contract.tax.conftest import TaxSite

UNDECIDED = [Fault.LOSE_REPLY, Fault.SERVER_ERROR, Fault.GATEWAY_PAGE, Fault.GATEWAY_TIMEOUT, Fault.REQUEST_TIMEOUT]


def test_a_quote_taxes_each_line_and_records_nothing(site: TaxSite) -> None:
    quoted = site.engine.quote(a_tax_document())

    assert isinstance(quoted, Quoted)
    assert quoted.gaps == ()
    assert [(line.line, line.rate, line.vat_category) for line in quoted.lines] == [
        (1, Decimal("0.19"), VatCategory.STANDARD),
        (2, Decimal("0.19"), VatCategory.STANDARD),
    ]
    if site.simulator:
        assert [line.tax for line in quoted.lines] == [euros("18.81"), euros("2.38")]
        assert site.simulator.documents() == ()


def test_each_line_is_taxed_at_the_rate_of_its_own_tax_point(site: TaxSite) -> None:
    """Late usage of June on an invoice of October: the rate was raised in between."""
    june = tax_line(2, "100.00", tax_point=date(2026, 6, 30))

    quoted = site.engine.quote(a_tax_document(tax_line(1, "100.00"), june))

    assert isinstance(quoted, Quoted)
    assert [line.rate for line in quoted.lines] == [Decimal("0.19"), Decimal("0.16")]


def test_what_is_committed_twice_is_recorded_once(site: TaxSite) -> None:
    document = a_tax_document(tax=euros("21.19"))

    assert site.engine.commit(document) == Recorded(euros("21.19"))
    assert site.engine.commit(document) == Recorded(euros("21.19"))

    if site.simulator:
        (held,) = site.simulator.documents()
        assert (held.code[:16], held.status, held.net, held.tax) == (
            document.code,
            "committed",
            Decimal("111.50"),
            Decimal("21.19"),
        )
        assert held.document_date == date(2026, 11, 1)


def test_what_is_voided_twice_is_void(site: TaxSite) -> None:
    document = a_tax_document(tax=euros("21.19"))
    site.engine.commit(document)

    assert isinstance(site.engine.void(document), Recorded)
    assert isinstance(site.engine.void(document), Recorded)

    if site.simulator:
        assert [held.status for held in site.simulator.documents()] == ["voided"]


def test_a_void_of_what_never_came_there_finds_it_as_it_should_be(site: TaxSite) -> None:
    assert isinstance(site.engine.void(a_tax_document()), Recorded)


def test_a_full_refund_and_its_repeat_bring_the_sum_to_zero(site: TaxSite) -> None:
    document = a_tax_document(tax=euros("21.19"))
    credit = a_tax_document(tax_line(1, "-99.00"), tax_line(2, "-12.50"), code="CREDITNOTE111111", tax=euros("-21.19"))
    site.engine.commit(document)

    assert isinstance(site.engine.refund(document, credit), Recorded)
    assert isinstance(site.engine.refund(document, credit), Recorded)

    if site.simulator:
        held = site.simulator.documents()
        assert len(held) == 2
        assert sum(one.net for one in held) == sum(one.tax for one in held) == 0


def test_a_part_is_refunded_at_the_rate_of_the_original(site: TaxSite) -> None:
    june = date(2026, 6, 30)
    document = a_tax_document(tax_line(1, "100.00", tax_point=june), tax=euros("16.00"))
    credit = a_tax_document(tax_line(1, "-10.00", tax_point=june), code="CREDITNOTE111111", tax=euros("-1.60"))
    site.engine.commit(document)

    assert site.engine.refund(document, credit) == Recorded(euros("-1.60"))


@pytest.mark.parametrize("fault", UNDECIDED)
def test_a_commit_without_an_answer_is_uncertain_and_is_settled_by_committing_again(
    outside: TaxSite, fault: Fault
) -> None:
    outside.outside.faults.script(fault, operation=outside.operation("commit"))

    assert isinstance(outside.engine.commit(a_tax_document()), TaxUncertain)
    assert outside.engine.commit(a_tax_document()) == Recorded(euros("21.19"))

    assert len(outside.outside.documents()) == 1


def test_half_an_answer_is_none(outside: TaxSite) -> None:
    outside.outside.faults.script(Fault.TRUNCATED_JSON, operation=outside.operation("commit"))
    outside.outside.faults.script(Fault.TRUNCATED_JSON, operation=outside.operation("quote"))

    assert isinstance(outside.engine.commit(a_tax_document()), TaxUncertain)
    assert isinstance(outside.engine.quote(a_tax_document()), TaxUnavailable)


@pytest.mark.parametrize("fault", [*UNDECIDED, Fault.UNAVAILABLE])
def test_a_quote_without_an_answer_is_only_unavailable_for_nothing_is_recorded(outside: TaxSite, fault: Fault) -> None:
    outside.outside.faults.script(fault, operation=outside.operation("quote"))

    assert isinstance(outside.engine.quote(a_tax_document()), TaxUnavailable)
    assert isinstance(outside.engine.quote(a_tax_document()), Quoted)


@pytest.mark.parametrize("operation", ["quote", "commit"])
def test_a_busy_engine_has_done_nothing_and_says_when_to_come_again(outside: TaxSite, operation: str) -> None:
    outside.outside.faults.script(Fault.THROTTLE, operation=outside.operation(operation))

    outcome = getattr(outside.engine, operation)(a_tax_document())

    assert isinstance(outcome, TaxUnavailable)
    assert outcome.retry_after_seconds is not None
    assert outside.outside.documents() == ()


@pytest.mark.parametrize("operation", ["quote", "commit", "void"])
def test_credentials_that_are_not_taken_are_an_outcome(outside: TaxSite, operation: str) -> None:
    outside.change_secret(license_key="wrong", api_key="wrong")

    outcome = getattr(outside.engine, operation)(a_tax_document())

    assert isinstance(outcome, TaxAuthFailed)
    assert "wrong" not in outcome.text


def test_an_engine_whose_certificate_is_not_to_be_trusted_is_told_nothing(outside: TaxSite) -> None:
    with tls_server(of_loopback(signed=False)) as stranger:
        outside.change_secret(base_url=stranger.address)
        not_trusted = TaxAuthFailed("the certificate of 127.0.0.1 is not trusted: self-signed certificate")

        assert outside.engine.quote(a_tax_document()) == not_trusted
        assert outside.engine.commit(a_tax_document()) == not_trusted
        assert stranger.requests == []


def test_a_missing_secret_is_an_outcome(outside: TaxSite) -> None:
    boto3.client("secretsmanager").delete_secret(SecretId=f"tax/{outside.name}", ForceDeleteWithoutRecovery=True)

    assert isinstance(outside.engine.quote(a_tax_document()), TaxAuthFailed)


def test_an_engine_that_cannot_be_reached_has_done_nothing(outside: TaxSite) -> None:
    outside.change_secret(base_url="http://127.0.0.1:1")

    assert isinstance(outside.engine.commit(a_tax_document()), TaxUnavailable)


@pytest.mark.parametrize("operation", ["commit", "void"])
def test_what_is_on_a_filed_return_is_frozen(outside: TaxSite, operation: str) -> None:
    outside.engine.commit(a_tax_document())
    outside.outside.freeze("JBSWY3DPEHPK3PXP")

    assert isinstance(getattr(outside.engine, operation)(a_tax_document()), Frozen)


def test_a_sale_that_is_on_a_filed_return_can_still_be_refunded(outside: TaxSite) -> None:
    document = a_tax_document()
    credit = a_tax_document(tax_line(1, "-99.00"), tax_line(2, "-12.50"), code="CREDITNOTE111111")
    outside.engine.commit(document)
    outside.outside.freeze("JBSWY3DPEHPK3PXP")

    assert isinstance(outside.engine.refund(document, credit), Recorded)


def test_a_buyer_in_the_united_states_needs_an_address_before_anything_is_asked(outside: TaxSite) -> None:
    quoted = outside.engine.quote(a_tax_document(country="US", address=None))

    assert isinstance(quoted, Quoted)
    (gap,) = quoted.gaps
    assert (gap.code, gap.line) == (TaxGapCode.TAX_ATTRIBUTE_MISSING, None)
    assert "acme" in gap.message
    assert outside.outside.faults.writes == 0


def test_taxes_of_several_jurisdictions_are_one_rate_of_the_line(outside: TaxSite) -> None:
    quoted = outside.engine.quote(a_tax_document(tax_line(1, "100.00", code="USD"), country="US", address=AUSTIN))

    assert isinstance(quoted, Quoted)
    (line,) = quoted.lines
    assert line.rate == Decimal("0.0825")
    assert line.tax is not None
    assert line.tax.amount == Decimal("8.25")


def test_a_sale_where_nothing_is_collected_is_outside_the_scope(outside: TaxSite) -> None:
    quoted = outside.engine.quote(a_tax_document(country="JP", address=None))

    assert isinstance(quoted, Quoted)
    assert {(line.rate, line.vat_category) for line in quoted.lines} == {(Decimal(0), VatCategory.OUTSIDE_SCOPE)}


def test_a_currency_without_minor_units_is_told_as_it_is(outside: TaxSite) -> None:
    quoted = outside.engine.quote(a_tax_document(tax_line(1, "999", code="JPY")))

    assert isinstance(quoted, Quoted)
    assert quoted.lines[0].tax is not None
    assert str(quoted.lines[0].tax) == "190 JPY"


def test_a_tax_category_that_the_engine_has_no_name_for_is_a_gap_of_its_line(outside: TaxSite) -> None:
    entity = outside.master_data.entity
    outside.master_data.entity = replace(entity, tax=replace(entity.tax, categories={}))

    quoted = outside.engine.quote(a_tax_document())

    assert isinstance(quoted, Quoted)
    assert [gap.line for gap in quoted.gaps] == [1, 2]


def test_an_entity_that_is_not_known_has_no_engine(site: TaxSite) -> None:
    with pytest.raises(KeyError):
        site.routing.engine_for("somebody")  # type: ignore[arg-type]


def test_a_refusal_is_not_taken_for_an_answer(outside: TaxSite) -> None:
    """The engine's own set-up is wrong: a company or a product that it does not know."""
    entity = outside.master_data.entity
    setup = replace(entity.tax, company="NOBODY", categories={"standard": "unknown"})
    outside.master_data.entity = replace(entity, tax=setup)

    assert isinstance(outside.engine.commit(a_tax_document()), TaxRefused)
    assert outside.outside.documents() == ()
