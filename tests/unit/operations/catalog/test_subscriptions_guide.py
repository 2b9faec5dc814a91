"""The guide to subscriptions keeps its word: its example loads, and its invoices come to what it says."""

import re
from datetime import date
from itertools import islice
from pathlib import Path

import pytest

from operations.catalog.load import load_catalog
from shared.contracts.catalog.subscriptions import ChangeWord
from shared.domain.invoicing.billing_calendar import billing_periods
from shared.domain.invoicing.invoice import invoice_id
from shared.domain.master_data.catalog import Catalog, CustomerAccount
from shared.domain.money import Money
from shared.domain.rating.contract import rate_contract
from shared.domain.time_period import billing_period_containing, local_midnight

GUIDES = Path(__file__).parents[4] / "docs" / "guides"
GUIDE = (GUIDES / "subscriptions.md").read_text()
BLOCK = re.compile(r"^## .*?`(\w+\.yaml)`.*?^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)
EXAMPLE = {**dict(BLOCK.findall((GUIDES / "catalog.md").read_text())), **dict(BLOCK.findall(GUIDE))}
ROWS = re.findall(r"^\| (2026-\d\d) \| `(\S+)` \| .* \| (\S+) \|$", GUIDE, re.MULTILINE)


BILLING = re.compile(r"^## Billing periods$.*?^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    folder = tmp_path_factory.mktemp("catalog")
    for name, text in EXAMPLE.items():
        (folder / name).write_text(text)
    loaded = load_catalog(folder)
    assert isinstance(loaded, Catalog), "\n".join(map(str, loaded))
    return loaded


@pytest.mark.parametrize("month", sorted({month for month, _, _ in ROWS}))
def test_an_invoice_has_the_lines_that_the_guide_says(catalog: Catalog, month: str) -> None:
    (contract,) = catalog.contracts
    customer = next(one for one in catalog.customers if one.customer_id == contract.customer_id)
    period = billing_period_containing(
        local_midnight(date.fromisoformat(f"{month}-01"), customer.time_zone), customer.time_zone
    )
    rated = rate_contract(
        account=CustomerAccount(customer=customer, contracts=(contract,)),
        contract=contract,
        plans={plan.plan_id: plan for plan in catalog.plans},
        billing_period=period.period,
        windows=(),
        ahead=billing_period_containing(period.end, customer.time_zone).period,
    )

    lines = {one.line_id: f"{Money(one.precise_amount, contract.currency).rounded().amount}" for one in rated.charges}
    assert lines == {line: amount for of, line, amount in ROWS if of == month}


def test_every_change_is_explained() -> None:
    explained = re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`\w+`(?:, `\w+`)*) \| .*\|$", GUIDE, re.MULTILINE)))

    assert {change.value for change in ChangeWord} <= set(explained)


def test_the_example_of_billing_periods_has_those_that_the_guide_says(tmp_path: Path) -> None:
    [contracts] = BILLING.findall(GUIDE)
    for name, text in {**EXAMPLE, "contracts.yaml": contracts}.items():
        (tmp_path / name).write_text(text)
    loaded = load_catalog(tmp_path)
    assert isinstance(loaded, Catalog), "\n".join(map(str, loaded))
    [contract] = loaded.contracts
    zone = next(one.time_zone for one in loaded.customers if one.customer_id == contract.customer_id)

    first, second = islice(billing_periods(contract, zone), 2)

    assert (invoice_id(contract.contract_id, second), second.start) == ("c-globex/2026-01-15", first.end)
    assert [one.start.astimezone(zone).date() for one in (first, second)] == [date(2025, 10, 15), date(2026, 1, 15)]
    assert second.end.astimezone(zone).date() == date(2026, 4, 15)
