"""What docs/guides/price-book.md shows loads, on top of the catalogue of docs/guides/catalog.md."""

import re
from pathlib import Path

from operations.catalog.load import load_catalog
from shared.domain.master_data.catalog import Catalog
from tests.fakes.catalog_folder import spoil
from tests.unit.operations.catalog.test_guide import EXAMPLES

GUIDE = (Path(__file__).parents[4] / "docs" / "guides" / "price-book.md").read_text()
BLOCKS = list(re.findall(r"^```yaml\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL))


def test_the_example_of_agreed_prices_loads(tmp_path: Path) -> None:
    for name, text in EXAMPLES.items():
        (tmp_path / name).write_text(text)
    (agreed,) = (block for block in BLOCKS if "{charge:" in block)
    plan = """\
- id: growth
  name: Growth
  charges:
    - {id: base-fee, product: platform, prices: [{currency: EUR, flat: 149}]}
    - {id: api-calls, product: api, meter: api_calls, prices: [{currency: EUR, per_unit: 0.003}]}
- id: starter
"""
    (tmp_path / "price_book.yaml").write_text(EXAMPLES["price_book.yaml"].partition("- id: growth")[0])
    spoil(tmp_path, file="price_book.yaml", old="- id: starter\n", new=plan)
    spoil(
        tmp_path,
        file="contracts.yaml",
        old="  subscriptions:\n    - id: s-globex",
        new=f"{agreed}  subscriptions:\n    - id: s-globex",
    )

    catalog = load_catalog(tmp_path)

    assert isinstance(catalog, Catalog), "\n".join(map(str, catalog))
    assert [str(one.price) for one in catalog.contracts[0].prices] == [
        "agreed price: 0.0019 each",
        "agreed price: flat 99",
    ]


def test_the_example_of_prices_by_dimension_loads(tmp_path: Path) -> None:
    for name, text in EXAMPLES.items():
        (tmp_path / name).write_text(text)
    (tokens,) = (block for block in BLOCKS if "price_by" in block)
    meter = "- {id: tokens, name: Tokens, unit: token, aggregation: sum, dimensions: [model, tier]}\n"
    spoil(tmp_path, file="meters.yaml", old="- {id: active_users", new=f"{meter}- {{id: active_users")
    spoil(tmp_path, file="price_book.yaml", old="- id: growth\n", new=f"{tokens}- id: growth\n")

    catalog = load_catalog(tmp_path)

    assert isinstance(catalog, Catalog), "\n".join(map(str, catalog))
    assert catalog.plans[0].charges[-1].price_by == ("model", "tier")


def test_the_example_of_prices_that_begin_later_loads(tmp_path: Path) -> None:
    for name, text in EXAMPLES.items():
        (tmp_path / name).write_text(text)
    (support,) = (block for block in BLOCKS if "id: support" in block)
    spoil(tmp_path, file="price_book.yaml", old="- id: growth\n", new=f"{support}- id: growth\n")

    catalog = load_catalog(tmp_path)

    assert isinstance(catalog, Catalog), "\n".join(map(str, catalog))
    phases = [str(price.phase) for price in catalog.plans[0].charges[-1].prices]
    assert phases == ["None", "after 2 billing periods of the contract", "after 12 billing periods of the contract"]
