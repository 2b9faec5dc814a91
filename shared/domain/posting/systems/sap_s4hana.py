"""SAP S/4HANA Cloud, public edition: Journal Entry - Post (synchronous)."""

from types import MappingProxyType

from shared.domain.posting.capabilities import Capabilities
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.systems.erp_system import (
    PATH,
    ErpSystem,
    Form,
    MappingSchema,
    Named,
    NamedAccounts,
    Setting,
    Widths,
    at_most,
)

_MESSAGE = r"[0-9]{3}\([^()\s]+\)"
_CLASS = r"[^(),\s]+"

SAP_S4HANA = ErpSystem(
    title="SAP S/4HANA Cloud",
    capabilities=Capabilities(
        system="sap_s4hana",
        quiet_period_seconds=16 * 60,  # its ceiling is configured and not published
        lookup_spacing_seconds=5 * 60,
        two_step_post=False,
        natural_key_enforced=False,
        kinds=frozenset(DocumentKind),
        settlements_readable=True,
        max_lines=980,  # of 999 items; the others are the customer's and the taxes'
        concurrency=5,  # more sessions of one user exhaust its work processes; SAP names no figure
    ),
    mapping=MappingSchema(
        company=Form("the company code, at most 4 letters and digits", r"[0-9A-Za-z]{1,4}"),
        tax_code=at_most(2),
        account=at_most(10),
        settings=MappingProxyType(
            {
                "created_by": Setting("user that documents are entered as", required=True, form=at_most(12)),
                "journal_service": Setting(
                    "path of the journal entry service, where the WSDL has another one", form=PATH
                ),
                "logical_system": Setting(
                    "name of ours as a logical system, where documents shall carry one", form=at_most(10)
                ),
                "tax_classification": Setting("transaction key of output tax, MWS where none is said", form=at_most(3)),
                "tax_condition": Setting(
                    "condition type of tax items, where the tax procedure asks for one", form=at_most(4)
                ),
                "business_partner_grouping": Setting(
                    "grouping of new customers; without it they are only looked up", form=at_most(4)
                ),
                "tax_number_category": Setting(
                    "what follows the country in the category of tax numbers, as 0 in DE0", form=at_most(2)
                ),
                "payment_terms": Setting("terms of payment of new customers", form=at_most(4)),
                "lock_messages": Setting(
                    "further messages that say only that something is locked",
                    form=Form(
                        "numbers of messages with their classes, such as 042(F2), 033(F2)",
                        rf"{_MESSAGE}( *, *{_MESSAGE})*",
                    ),
                ),
                "mapping_classes": Setting(
                    "classes of messages that say that a mapping is missing, beside FH; KI, KM where none are said",
                    form=Form("classes of messages, such as KI, KM", rf"{_CLASS}( *, *{_CLASS})*"),
                ),
            }
        ),
        one_rate_per_tax_code=True,
        customers_setting="business_partner_grouping",
        tax_id_setting="tax_number_category",
        dimension_fields=MappingProxyType(
            {
                "ProfitCenter": at_most(10),
                "Segment": at_most(10),
                "CostCenter": at_most(10),
                "FunctionalArea": at_most(16),
            }
        ),
        named_accounts=NamedAccounts(revenue=Named.ALWAYS),
    ),
    widths=Widths(
        line_text=50, number=18, purchase_order=20, customer_name=40, customer_name_lines=2, tax_id=20, email=241
    ),
)
