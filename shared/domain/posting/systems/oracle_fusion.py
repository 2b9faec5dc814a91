"""Oracle Fusion Cloud ERP: receivables over REST, journals by file.

What Oracle does not document, or documents in two ways, is a setting: docs/guides/erp/oracle-fusion.md says which.
"""

from types import MappingProxyType

from shared.domain.posting.capabilities import Capabilities
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.journal import MAX_JOURNAL_LINES
from shared.domain.posting.systems.erp_system import (
    PATH,
    DimensionPlaces,
    ErpSystem,
    Form,
    MappingSchema,
    Named,
    NamedAccounts,
    Setting,
    Widths,
)

# A place in `account_combination`: {account}, or a dimension's field, and what stands there where a line has none.
PLACE = r"\{(?P<field>\w+)(:(?P<default>[^}]*))?\}"
_LIST = "where the mapping is checked against"
_PART = r"[^:;]+"
_ONE_LIST = f"{_PART}:{_PART}:{_PART}"
_LIST_FORM = Form("RESOURCE:KEY:NAME", rf"{_ONE_LIST}(;{_ONE_LIST})*;?")
_ONE_OF_SEGMENT = f"[^=:;]+={_ONE_LIST}"
_ID = Form("an id, a whole number", r"[0-9]+")
_SETTINGS = {
    "ledger_id": Setting("LedgerId of the ledger that the business unit books into", required=True, form=_ID),
    "transaction_source": Setting("transaction source of receivables that is ours alone", required=True),
    "invoice_type": Setting("transaction type of invoices", required=True),
    "credit_memo_type": Setting("transaction type of credit memos", required=True),
    "create_as": Setting(
        "Complete where invoices cannot be created incomplete; Incomplete by default", one_of=("Incomplete", "Complete")
    ),
    "key_field": Setting(
        "where our key goes; CrossReference by default", one_of=("CrossReference", "TransactionNumber")
    ),
    "numbering": Setting("erp where the transaction source numbers by itself; ours by default", one_of=("ours", "erp")),
    "line_flexfield": Setting("context of the line transaction flexfield, where our key is to be in it too"),
    "line_flexfield_document": Setting("its segment for our key; documentId by default"),
    "line_flexfield_line": Setting("its segment for the line's number; lineNo by default"),
    "tax_regime": Setting("TaxRegimeCode of the tax lines that we send; without it Fusion works the tax out"),
    "credit_memo_sign": Setting(
        "the sign of what a credit memo's lines are sent with; negative by default", one_of=("negative", "positive")
    ),
    "payment_terms": Setting("payment terms of all invoices; without it those of the customer"),
    "rate_type": Setting("conversion rate type of invoices in foreign currency; User by default"),
    "journal_rate_type": Setting("conversion rate type of journals in foreign currency; Corporate by default"),
    "customer_creation": Setting("path that customers are created at; without it they are only looked up", form=PATH),
    "account_combination": Setting(
        "accounts as segments; {account} by default",
        form=Form(
            "segments with a place for {account}, such as 101.{account}.{SEGMENT3:000}", r".*\{account(:[^}]*)?\}.*"
        ),
    ),
    "segment_delimiter": Setting("what stands between segments; a full stop by default"),
    "period_format": Setting(
        "how the calendar names periods; Mon-YY by default",
        form=Form("a month (Mon, MON or MM) and a year (YY or YYYY), such as Mon-YY", r"(?=.*(Mon|MON|MM)).*YY.*"),
    ),
    "data_access_set_id": Setting("data access set that journals are imported with", for_journals=True, form=_ID),
    "journal_source": Setting("name of the journal source", for_journals=True),
    "journal_source_id": Setting("its key in the parameters of Import Journals", for_journals=True),
    "journal_category": Setting("name of the journal category", for_journals=True),
    "document_account": Setting(
        "account of the content server for journal files; fin$/generalLedger$/import$ by default"
    ),
    "units_list": Setting("what lists the business units one may see", form=Form("RESOURCE:NAME", f"{_PART}:{_PART}")),
    "accounts_list": Setting(f"accounts, {_LIST}", form=_LIST_FORM),
    "items_list": Setting(f"memo lines, {_LIST}", form=_LIST_FORM),
    "tax_codes_list": Setting(f"tax classification codes, {_LIST}", form=_LIST_FORM),
    "currencies_list": Setting(f"currencies, {_LIST}", form=_LIST_FORM),
    "dimensions_list": Setting(
        f"values of segments, {_LIST}",
        form=Form(
            "SEGMENT=RESOURCE:KEY:NAME, several with a semicolon between", f"{_ONE_OF_SEGMENT}(;{_ONE_OF_SEGMENT})*;?"
        ),
    ),
}

ORACLE_FUSION = ErpSystem(
    title="Oracle Fusion Cloud ERP",
    capabilities=Capabilities(
        system="oracle_fusion",
        quiet_period_seconds=6 * 60,  # a request is given up after 5 minutes; a file is looked for by its name
        lookup_spacing_seconds=5 * 60,
        two_step_post=True,
        natural_key_enforced=False,  # an option of the transaction source
        kinds=frozenset(DocumentKind),
        accepts_first=frozenset({DocumentKind.JOURNAL}),
        poll_seconds=2 * 60,
        periods_readable=True,
        period_can_shift=True,
        settlements_readable=True,
        max_lines=500,  # what others send in one payload at most
        max_journal_lines=MAX_JOURNAL_LINES,  # a file has room for more
    ),
    mapping=MappingSchema(
        settings=MappingProxyType(_SETTINGS),
        names_items=True,
        tax_setting="tax_regime",
        customers_setting="customer_creation",
        number_elsewhere=(("numbering", "erp"), ("key_field", "TransactionNumber")),
        dimension_fields=MappingProxyType(dict.fromkeys(f"SEGMENT{number}" for number in range(1, 31))),
        dimension_places=DimensionPlaces(setting="account_combination", pattern=rf"(?!\{{account\b){PLACE}"),
        named_accounts=NamedAccounts(revenue=Named.WITH_DIMENSIONS),
    ),
    # An invoice's line has 240 with the days of service behind it.
    widths=Widths(
        line_text=213,
        journal_text=240,
        journal_header=240,
        number=20,
        journal_number=100,
        purchase_order=50,
        customer_name=360,
        tax_id=20,
    ),
)
