"""Which contracts share an invoice loads as it was written; whatever an invoice could not say is named at once."""

import json
from pathlib import Path

from operations.catalog.source import read_source
from shared.contracts.catalog import catalog_sections, read_catalog
from shared.contracts.catalog.records import account_text, read_account
from shared.domain.identifiers import ContractId, CustomerId
from shared.domain.master_data.catalog import Catalog, MemberContract
from shared.domain.master_data.subjects import accounts_of
from shared.domain.master_data.validation.consolidation import MOST_MEMBERS
from tests.fakes.catalog_folder import spoil, write_catalog

C_LABS = "- {id: c-labs, customer: acme, legal_entity: nimbus-us, currency: USD, valid_from: 2026-03-01, \
valid_until: 2026-12-01, invoiced_with: c-acme, subscriptions: [{id: s-labs, plan: fees}]"
FEES = "- {id: fees, name: Fees, charges: [{id: fee, product: platform, prices: [{currency: USD, flat: 5}]}]}\n"


def loaded(folder: Path, contracts: str, *spoilt: tuple[str, str, str]) -> Catalog | dict[str, list[str]]:
    """Load the small catalogue with more contracts; return the faults' messages by path."""
    write_catalog(folder)
    spoil(folder, file="contracts.yaml", old="- id: c-acme\n", new=f"{contracts}- id: c-acme\n")
    spoil(folder, file="price_book.yaml", old="- id: growth", new=f"{FEES}- id: growth")
    for file, old, new in spoilt:
        spoil(folder, file=file, old=old, new=new)
    found = read_catalog({file.stem: read_source(file).tree for file in folder.iterdir()})
    if isinstance(found, Catalog):
        return found
    faults: dict[str, list[str]] = {}
    for issue in found:
        faults.setdefault(issue.path, []).append(f"{issue.code} {issue.message}")
    return faults


def test_members_come_back_as_they_were_written_and_their_lead_knows_them(tmp_path: Path) -> None:
    catalog = loaded(tmp_path, f"{C_LABS}}}\n")

    assert isinstance(catalog, Catalog), catalog
    assert [one.invoiced_with for one in catalog.contracts] == ["c-acme", None, None]
    assert read_catalog(json.loads(json.dumps(catalog_sections(catalog)))) == catalog
    account = next(iter(accounts_of(catalog)))
    assert account.members == (
        MemberContract(lead=ContractId("c-acme"), customer_id=CustomerId("acme"), contract_id=ContractId("c-labs")),
    )
    assert read_account(account_text(account)) == account


def test_a_lead_is_a_contract_of_the_catalogue(tmp_path: Path) -> None:
    faults = loaded(tmp_path, C_LABS.replace("invoiced_with: c-acme", "invoiced_with: c-wayne") + "}\n")

    assert faults == {"contracts[0].invoiced_with": ["UNKNOWN_REFERENCE 'c-wayne' is not in contracts"]}


def test_no_contract_is_invoiced_with_itself_or_with_a_member(tmp_path: Path) -> None:
    itself = C_LABS.replace("invoiced_with: c-acme", "invoiced_with: c-labs") + "}\n"
    chain = f"{C_LABS}}}\n" + C_LABS.replace("c-labs", "c-more").replace("s-labs", "s-more").replace(
        "invoiced_with: c-acme", "invoiced_with: c-labs"
    )

    assert loaded(tmp_path / "itself", itself) == {
        "contracts[0].invoiced_with": [
            "CANNOT_SHARE_INVOICE a contract is not invoiced with itself: leave invoiced_with out"
        ]
    }
    assert loaded(tmp_path / "chain", f"{chain}}}\n") == {
        "contracts[1].invoiced_with": [
            "CANNOT_SHARE_INVOICE c-labs is invoiced with c-acme itself: name that one",
        ]
    }


def test_everything_that_one_invoice_cannot_say_is_named_at_once(tmp_path: Path) -> None:
    other = (
        "- {id: c-labs, customer: chandra, legal_entity: nimbus-eu, currency: EUR, valid_from: 2025-12-01, "
        "payment_terms_days: 14, purchase_order: PO-1, draft_grace_hours: 72, invoice_limit: 50, "
        "billing: {anchor_day: 15}, invoiced_with: c-acme, subscriptions: []}\n"
    )
    second_entity = """\
- id: nimbus-eu
  name: Nimbus Cloud SA
  country: FR
  currency: EUR
  erp: {system: legacy_files, connection: nimbus-eu/files, company: "4", receivable_account: "1", tax_account: "2",
        products: {}, tax_codes: {}}
- id: nimbus-us
"""

    faults = loaded(tmp_path, other, ("legal_entities.yaml", "- id: nimbus-us\n", second_entity))

    code = "CANNOT_SHARE_INVOICE"
    said = "and one invoice can say only one"

    def terms(days: int) -> str:
        return f"within {days} days of the invoice date"

    of_acme = "2026-01-01T05:00:00.000000Z..2027-01-01T05:00:00.000000Z"
    assert faults == {
        "contracts[0].invoiced_with": [
            f"{code} legal entity: nimbus-eu here and nimbus-us in c-acme, {said}",
            f"{code} currency: EUR here and USD in c-acme, {said}",
            f"{code} bill-to: chandra here and acme in c-acme, {said}",
            f"{code} payment terms: {terms(14)} here and {terms(30)} in c-acme, {said}",
            f"{code} draft grace: 3 days, 0:00:00 here and its entity's in c-acme, {said}",
            f"{code} purchase order: PO-1 here and none in c-acme, {said}",
            f"{code} the limit of an invoice is that of c-acme: leave invoice_limit out here",
            f"{code} c-acme is in force {of_acme}, which is not all of this one's time, 2025-11-30T18:30:00.000000Z..",
            f"{code} its billing periods are those of Asia/Kolkata, and those of c-acme of America/New_York",
        ]
    }


def test_no_grace_at_all_is_another_one_than_that_of_the_entity(tmp_path: Path) -> None:
    said = "draft grace: 0:00:00 here and its entity's in c-acme, and one invoice can say only one"

    assert loaded(tmp_path, f"{C_LABS}, draft_grace_hours: 0}}\n") == {
        "contracts[0].invoiced_with": [f"CANNOT_SHARE_INVOICE {said}"]
    }


def test_billing_periods_of_one_zone_have_to_be_the_same_too(tmp_path: Path) -> None:
    assert loaded(tmp_path, f"{C_LABS}, billing: {{anchor_day: 15}}}}\n") == {
        "contracts[0].invoiced_with": ["CANNOT_SHARE_INVOICE its billing periods are not those of c-acme"]
    }


def test_contracts_of_two_customers_share_an_invoice_to_one_of_them(tmp_path: Path) -> None:
    member = C_LABS.replace("customer: acme", "customer: chandra, bill_to: acme")
    one_zone = ("customers.yaml", "time_zone: Asia/Kolkata", "time_zone: America/New_York")

    assert isinstance(loaded(tmp_path, f"{member}}}\n", one_zone), Catalog)


def test_a_lead_has_as_many_members_as_one_transaction_holds(tmp_path: Path) -> None:
    def members(count: int) -> str:
        return "".join(C_LABS.replace("labs", f"labs-{n}") + "}\n" for n in range(count))

    assert isinstance(loaded(tmp_path / "most", members(MOST_MEMBERS)), Catalog)
    assert loaded(tmp_path / "more", members(MOST_MEMBERS + 1)) == {
        f"contracts[{MOST_MEMBERS}].invoiced_with": [
            f"CANNOT_SHARE_INVOICE {MOST_MEMBERS + 1} contracts are invoiced with c-acme, and {MOST_MEMBERS} fit"
        ]
    }
