"""Microsoft Dynamics 365 Finance."""

from types import MappingProxyType

from shared.domain.posting.capabilities import Capabilities
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.systems.erp_system import (
    WHOLE_NUMBER,
    YES_OR_NO,
    DimensionPlaces,
    ErpSystem,
    Form,
    MappingSchema,
    Named,
    NamedAccounts,
    Setting,
    Widths,
)

DIMENSION_ORDER = DimensionPlaces(setting="dimension_order", pattern=r"(?P<field>[^,\s]([^,]*[^,\s])?)(?P<default>)")
_EVERY_KIND = frozenset(DocumentKind)
_TAX_GROUPS = Form("GROUP/ITEM GROUP, the sales tax group and the item sales tax group", r"[^/]+/.+")

DYNAMICS_FINANCE = ErpSystem(
    title="Dynamics 365 Finance",
    capabilities=Capabilities(
        system="dynamics_finance",
        quiet_period_seconds=16 * 60,  # Microsoft names no ceiling of a request
        lookup_spacing_seconds=5 * 60,
        two_step_post=False,
        natural_key_enforced=False,
        kinds=_EVERY_KIND,
        accepts_first=_EVERY_KIND,  # the ERP's own batch job posts, nobody outside can
        stuck_after_seconds=4 * 60 * 60,
        periods_readable=True,
        settlements_readable=True,
        max_lines=5_000,  # operations of one batch
    ),
    mapping=MappingSchema(
        company=Form("the id of the legal entity (dataAreaId), at most 4 letters and digits", r"[0-9A-Za-z]{1,4}"),
        tax_code=_TAX_GROUPS,
        settings=MappingProxyType(
            {
                "customer_group": Setting("customer group of the customers that are created", required=True),
                "journal_name": Setting("name of the journal that journals are written under", for_journals=True),
                "reference_field": Setting("where our key goes", one_of=("CustomerReference", "ExternalInvoiceId")),
                "journal_reference_field": Setting(
                    "where a journal's key goes", one_of=("IntegrationKey", "Description")
                ),
                "no_tax_code": Setting("tax code without tax, for a remainder of tax", form=_TAX_GROUPS),
                "dimension_order": Setting("the dimensions of the display values, in their order, with commas between"),
                "dimension_delimiter": Setting("what stands between the parts of a display value; usually -"),
                "exchange_rate_units": Setting("of how many units an exchange rate is the price", one_of=("100", "1")),
                "credits_name_invoice": Setting(
                    "whether a credit note names the invoice that it is settled against", one_of=YES_OR_NO
                ),
                "fiscal_calendar": Setting("the ledger's fiscal calendar"),
                "period_entity": Setting("entity set of the periods' status, as LedgerFiscalPeriodsV2"),
                "transactions_entity": Setting("entity set of customer transactions, as CustTransBiEntities"),
                "data_project": Setting("data project that imports general journals"),
                "package_lines": Setting("from how many lines on a journal goes as a data package", form=WHOLE_NUMBER),
            }
        ),
        one_rate_per_tax_code=True,
        untaxed_code_setting="no_tax_code",
        named_accounts=NamedAccounts(tax=Named.WITH_REMAINDER),
        dimension_places=DIMENSION_ORDER,
    ),
    widths=Widths(
        line_text=970, journal_text=60, number=50, purchase_order=20, customer_name=100, tax_id=20, email=255
    ),
)
