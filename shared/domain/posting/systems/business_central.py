"""Microsoft Dynamics 365 Business Central, API v2.0."""

from types import MappingProxyType

from shared.domain.posting.capabilities import Capabilities
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.notices import NOTICES_SETTING
from shared.domain.posting.systems.erp_system import (
    YES_OR_NO,
    ErpSystem,
    Form,
    MappingSchema,
    Named,
    NamedAccounts,
    Setting,
    Widths,
)

BUSINESS_CENTRAL = ErpSystem(
    title="Dynamics 365 Business Central",
    journals_in_books_currency=True,
    capabilities=Capabilities(
        system="business_central",
        quiet_period_seconds=11 * 60,  # the gateway gives up after 10 minutes
        lookup_spacing_seconds=5 * 60,
        two_step_post=True,
        natural_key_enforced=False,
        kinds=frozenset(DocumentKind),
        periods_readable=True,
        settlements_readable=True,
        concurrency=5,
        calls_per_minute=1_200,  # 6,000 in any five minutes
    ),
    mapping=MappingSchema(
        company=Form(
            "its id, not its name, such as 5d1f2a9c-7c1e-4a55-9d1b-3f0f6c0b8e21",
            r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
        ),
        settings=MappingProxyType(
            {
                NOTICES_SETTING: Setting(
                    "have it give notice of what was paid; else it is asked hourly", one_of=YES_OR_NO
                ),
                "no_tax_code": Setting("tax code of lines without tax, for a remainder of tax"),
                "journal_template": Setting(
                    "name of the journal template of our batches; the company's own without one"
                ),
            }
        ),
        one_rate_per_tax_code=True,
        untaxed_code_setting="no_tax_code",
        named_accounts=NamedAccounts(tax=Named.WITH_REMAINDER),
        dimension_fields=None,  # codes of the company's own dimensions
    ),
    # The text of a journal's line has 100 with its mark behind it (docs/decisions/0019).
    widths=Widths(
        line_text=100,
        journal_text=88,
        number=35,
        journal_number=100,
        purchase_order=35,
        customer_name=100,
        tax_id=20,
        email=80,
    ),
)
