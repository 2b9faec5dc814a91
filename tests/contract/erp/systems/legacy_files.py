"""A legacy ERP by files."""

from shared.domain.identifiers import ProductId
from shared.domain.master_data.catalog import DimensionMapping, ErpMapping
from shared.domain.posting.outcome import RejectionCode
from shared.domain.posting.readings import ReferenceKind
from shared.domain.posting.systems.legacy_files import LEGACY_FILES
from tests.contract.erp.systems.system_under_test import SystemUnderTest

UNDER_TEST = SystemUnderTest(
    system=LEGACY_FILES,
    mapping=ErpMapping(
        system="legacy_files",
        connection="erp/legacy_files",
        company="DE01",
        receivable_account="1100",
        tax_account="1776",
        products={ProductId("api"): "4400", ProductId("storage"): "4410"},
        tax_codes={"VAT19": "U19", "SERVICES19": "L19", "VAT7": "U7", "REVERSE": "R0"},
        accounts={"unbilled": "1250", "revenue": "4400", "receivable": "1100"},
        dimensions={
            "cost_centre": DimensionMapping(
                field="dimension_1", values={ProductId("api"): "4", ProductId("storage"): "7"}
            )
        },
    ),
    is_called=False,
    not_listed=frozenset(ReferenceKind),
    lists_customers=False,
    tells_of_open=False,
    tells_credits=False,
    tells_our_number=False,  # its receiver answers with a number of its own
    pages_by=("shared.adapters.erp.legacy_files.adapter._FILES_A_PAGE",),
    own_codes={RejectionCode.INVOICE_MISSING: "UNKNOWN_INVOICE", RejectionCode.BEYOND_INVOICE: "EXCEEDS_INVOICE"},
)
