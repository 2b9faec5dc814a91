"""Oracle NetSuite, SuiteTalk REST."""

from types import MappingProxyType

from shared.domain.posting.capabilities import Capabilities
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.systems.erp_system import YES_OR_NO, ErpSystem, Form, MappingSchema, Setting, Widths

# What a tax row has; Oracle documents none of these names.
TAX_DETAIL = ("taxDetailsReference", "taxType", "taxCode", "taxBasis", "taxRate", "taxAmount")
_RENAMED = rf"({'|'.join(TAX_DETAIL)})=[A-Za-z][A-Za-z0-9_]*"
_INTERNAL_ID = Form("an internal id, a whole number", r"-?[0-9]+")  # those of NetSuite's own records are negative

NETSUITE = ErpSystem(
    title="Oracle NetSuite",
    capabilities=Capabilities(
        system="netsuite",
        quiet_period_seconds=16 * 60,  # a request is killed after 15 minutes
        lookup_spacing_seconds=5 * 60,
        two_step_post=False,
        natural_key_enforced=True,
        kinds=frozenset(DocumentKind),
        periods_readable=True,
        settlements_readable=True,
        concurrency=5,  # of the smallest service tier, for the whole account
        busy_codes=frozenset({"CONCURRENCY_LIMIT_EXCEEDED"}),  # with status 429 or 400
    ),
    mapping=MappingSchema(
        company=Form("the internal id of the subsidiary, a whole number", r"[1-9][0-9]*"),
        tax_code=_INTERNAL_ID,
        settings=MappingProxyType(
            {
                "tax_type": Setting("internal id of the tax type of all tax rows", required=True, form=_INTERNAL_ID),
                "tax_detail_fields": Setting(
                    "fields of tax rows that have other names in the account than those here",
                    form=Form(
                        f"OURS=THEIRS of {', '.join(TAX_DETAIL)}, such as taxBasis=taxableAmount, taxRate=rate",
                        rf"{_RENAMED}( *, *{_RENAMED})*",
                    ),
                ),
                "department": Setting(
                    "internal id of the department of all lines without one of their own", form=_INTERNAL_ID
                ),
                "respond_async": Setting(
                    "whether records are taken as jobs, for volume; at once without it", one_of=YES_OR_NO
                ),
                "tax_code_table": Setting(
                    "SuiteQL's name of the table of tax codes; salestaxitem without one",
                    form=Form("the name of a table: letters, digits and _", r"[A-Za-z_][A-Za-z0-9_]*"),
                ),
                "approval_status": Setting(
                    "internal id of the approval status Approved, which invoices are created with and are in the ledger"
                    " by; 2 without one",
                    form=Form("an internal id, a whole number, and not 1, Pending Approval", r"(?!0*1$)-?[0-9]+"),
                ),
                "sales_order_item": Setting(
                    "internal id of the item that sales orders of contracts are written with", form=_INTERNAL_ID
                ),
            }
        ),
        names_items=True,
        names_currencies=True,
        dimension_fields=MappingProxyType(dict.fromkeys(("department", "class", "location"), _INTERNAL_ID)),
    ),
    # A line has 999 with the days of service behind it.
    widths=Widths(line_text=972, number=45, purchase_order=45, customer_name=83),
)
