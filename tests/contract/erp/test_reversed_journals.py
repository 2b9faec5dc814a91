"""A journal that people reverse in the ERP, where its reversal carries our key as well."""

from datetime import date

import pytest

from shared.domain.posting.document import DocumentKind
from shared.domain.posting.outcome import Ambiguous, Found, Posted, PostedDocument
from tests.builders.posting import a_journal
from tests.contract.erp.conftest import OpenSite, PostingSite

JOURNAL = DocumentKind.JOURNAL
ACCRUAL = a_journal()
HOW_TO_REVERSE = {"sap_s4hana": "reverse", "tryton": "cancel_journal"}


@pytest.fixture(params=HOW_TO_REVERSE)
def site(request: pytest.FixtureRequest, open_site: OpenSite) -> PostingSite:
    return open_site(request.param)


def posted(site: PostingSite) -> PostedDocument:
    outcome = site.finish(site.erp.submit(ACCRUAL), ACCRUAL)
    assert isinstance(outcome, Posted)
    found = site.erp.read(outcome.ref, JOURNAL)
    assert isinstance(found, PostedDocument)
    return found


def reverse_first(site: PostingSite) -> None:
    getattr(site.simulator, HOW_TO_REVERSE[site.system])(ACCRUAL.external_ref, date(2026, 11, 2))


def test_of_two_journals_with_one_key_the_one_that_stands_is_found_once_the_other_is_reversed(
    site: PostingSite,
) -> None:
    first, second = posted(site), posted(site)
    assert site.erp.locate(ACCRUAL.external_ref, JOURNAL) == Ambiguous((first.ref, second.ref))

    reverse_first(site)

    assert site.erp.locate(ACCRUAL.external_ref, JOURNAL) == Found(second)


def test_a_journal_that_is_reversed_is_found_where_no_other_stands(site: PostingSite) -> None:
    found = posted(site)

    reverse_first(site)

    assert site.erp.locate(ACCRUAL.external_ref, JOURNAL) == Found(found)
