"""What the Fusion adapter makes of names, accounts, taxes, refusals and the words of the scheduler, without Fusion."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from shared.adapters.erp.oracle_fusion.errors import after_refusal
from shared.adapters.erp.oracle_fusion.jobs import FusionJobs, Progress
from shared.adapters.erp.oracle_fusion.resources import FusionResources, Page, Unread, children
from shared.adapters.erp.oracle_fusion.settings import FusionSettings
from shared.adapters.erp.oracle_fusion.settlements import FusionSettlements
from shared.adapters.erp.oracle_fusion.taxes import taxes_by_line
from shared.adapters.http.transport import Reply
from shared.domain.identifiers import ProductId
from shared.domain.master_data.catalog import DimensionMapping, ErpMapping
from shared.domain.posting.document import PostingTax
from shared.domain.posting.outcome import LookupFailed, Rejected, RejectionKind, Uncertain
from tests.builders.posting import a_document, eur
from tests.fakes.posting_world import SimulatedClock

REGION = DimensionMapping(field="SEGMENT3", values={ProductId("api"): "EMEA"})


def settings(**values: str) -> FusionSettings:
    mapping = ErpMapping(
        system="oracle_fusion",
        connection="erp/fusion",
        company="Acme BU",
        receivable_account="1210",
        tax_account="2520",
        products={},
        tax_codes={},
        dimensions={"region": REGION},
        settings=values,
    )
    return FusionSettings(mapping)


@pytest.mark.parametrize(
    ("form", "name"),
    [("Mon-YY", "Oct-26"), ("MON-YYYY", "OCT-2026"), ("YYYY.MM", "2026.10"), ("MM-YY", "10-26")],
)
def test_a_period_is_named_as_the_calendar_does_and_read_back(form: str, name: str) -> None:
    assert settings(period_format=form).period_name(date(2026, 10, 31)) == name
    assert settings(period_format=form).month_of(name) == "2026-10"


def test_a_period_of_another_form_cannot_be_read() -> None:
    for name in ("Adj-26", "2026-10", "Oct-26x"):
        with pytest.raises(ValueError, match=r"period|tuple"):
            settings().month_of(name)


def test_an_account_has_its_segments_where_the_template_puts_them() -> None:
    of = settings(account_combination="101.{account}.{SEGMENT3:000}")

    assert of.combination("4010", (("region", "EMEA"),)) == "101.4010.EMEA"
    assert of.segments("4010", ()) == ["101", "4010", "000"]


def test_taxes_of_lines_add_up_to_those_of_the_document() -> None:
    document = a_document()
    (tax,) = document.taxes

    assert taxes_by_line(document) == {1: [("VAT19", Decimal("228.10"))], 2: [("VAT19", Decimal("0.01"))]}
    a_cent_less = replace(document, taxes=(replace(tax, amount=eur("228.10")),))
    assert taxes_by_line(a_cent_less) == {1: [("VAT19", Decimal("228.10"))], 2: [("VAT19", Decimal("0.00"))]}


def test_a_rate_that_no_line_names_is_of_all_lines() -> None:
    county = PostingTax(code="COUNTY", rate=Decimal("0.01"), base=eur("1200.57"), amount=eur("12.01"))

    taxes = taxes_by_line(replace(a_document(), taxes=(county,)))

    assert taxes == {1: [("COUNTY", Decimal("12.01"))], 2: [("COUNTY", Decimal("0.00"))]}


def refused(body: object, status: int = 400) -> Rejected | Uncertain:
    content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return after_refusal(Reply(status, {}, content))


def test_a_refusal_is_read_from_details_from_the_body_or_from_its_text() -> None:
    detail = {"detail": "The memo line is not valid.", "o:errorCode": "AR_ITEM_NOT_FOUND"}
    mapping = Rejected(RejectionKind.MAPPING, "AR_ITEM_NOT_FOUND", "The memo line is not valid.")

    assert refused({"title": "Bad Request", "o:errorDetails": [detail]}) == mapping
    assert refused(detail) == mapping
    plain = refused("You can only create a complete invoice. (AR-857798)")
    assert isinstance(plain, Rejected)
    assert plain.code == "AR-857798"
    for strange in ("<html>502</html>", "", {"o:errorDetails": "none"}, {"o:errorDetails": [7]}, "{"):
        assert isinstance(refused(strange), Uncertain)


class _Scheduler:
    """Resources that know one request."""

    def __init__(self, status: object) -> None:
        self._rows = () if status is None else ({"RequestStatus": status},)

    def page(self, resource: str, *, finder: str) -> Page:
        assert (resource, finder) == ("erpintegrations", "ESSExecutionDetailsRF;requestId=7")
        return Page(self._rows, more=False)


def progress(status: object) -> Progress | Unread:
    return FusionJobs(_Scheduler(status)).progress("7")  # type: ignore[arg-type]


def test_all_jobs_below_a_request_decide_however_they_are_nested() -> None:
    alone = {"JOBS": {"STATUS": "SUCCEEDED", "CHILD": {"STATUS": "succeeded", "CHILD": [{"STATUS": "WARNING"}]}}}
    in_a_list = {"JOBS": [{"STATUS": "SUCCEEDED"}, {"STATUS": "COMPLETED"}]}
    under_way = {"JOBS": {"STATUS": "SUCCEEDED", "CHILD": [{"STATUS": "ERROR"}, {"STATUS": "PENDING_VALIDATION"}]}}

    assert progress(json.dumps(alone)) is Progress.FAILED
    assert progress(json.dumps(in_a_list)) is Progress.SUCCEEDED
    assert progress(json.dumps(under_way)) is Progress.RUNNING
    assert progress(json.dumps({"JOBS": {}})) is Progress.RUNNING
    assert progress(None) is Progress.UNKNOWN
    assert isinstance(progress("{"), Unread)
    assert isinstance(progress(7), Unread)


class _Transactions:
    """Resources that list transactions of these ids, and say that there are more."""

    def __init__(self, *ids: object) -> None:
        self._rows = tuple({"CustomerTransactionId": one} for one in ids)

    def page(self, resource: str, conditions: Sequence[str], *, fields: str, order: str, limit: int) -> Page:
        assert (resource, order) == ("receivablesInvoices", "CustomerTransactionId")
        assert "CustomerTransactionId > 300000046975980" in conditions
        assert fields
        assert limit
        return Page(self._rows, more=True)


@pytest.mark.parametrize(
    "ids",
    [(300000046975982, 300000046975981), (300000046975971,), (), ("none",), (None,)],
    ids=["falling", "before where the walk is", "nothing", "no number", "no id"],
)
def test_a_list_in_another_order_than_that_of_its_ids_is_not_walked(ids: tuple[object, ...]) -> None:
    of = settings(transaction_source="U2C")
    walk = FusionSettlements(_Transactions(*ids), of, SimulatedClock())  # type: ignore[arg-type]

    page = walk.page(f"invoice|300000046975980|2026-11-01T00:00:00+00:00{'|2026-11-02T00:00:00+00:00' * 2}")

    assert page == LookupFailed("the transactions do not come in the order of their CustomerTransactionId")


class _Endless:
    """A session to a service whose every page is empty and not the last one."""

    def call(self, *_: object, **__: object) -> Reply:
        return Reply(200, {}, b'{"items": [], "hasMore": true}')


def test_an_empty_page_of_a_list_that_goes_on_is_no_answer() -> None:
    resources = FusionResources(_Endless())  # type: ignore[arg-type]

    assert resources.page("receivablesInvoices") == Unread("the reply is an empty page of a longer list")


def test_children_come_as_a_list_or_as_a_whole_collection() -> None:
    assert children({"lines": [{"a": 1}]}, "lines") == [{"a": 1}]
    assert children({"lines": {"items": [{"a": 1}], "hasMore": False}}, "lines") == [{"a": 1}]
    assert children({}, "lines") == []
    for strange in ({"items": [], "hasMore": True}, "none", [1]):
        with pytest.raises(ValueError, match="lines"):
            children({"lines": strange}, "lines")
