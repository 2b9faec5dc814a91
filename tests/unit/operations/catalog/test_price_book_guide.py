"""What docs/guides/price-book.md shows loads, on top of the catalogue of docs/guides/catalog.md."""

import re
from pathlib import Path
from textwrap import dedent, indent

from operations.catalog.load import load_catalog
from shared.domain.master_data.catalog import Catalog
from tests.fakes.catalog_folder import spoil
from tests.unit.operations.catalog.test_guide import EXAMPLES

GUIDE = (Path(__file__).parents[4] / "docs" / "guides" / "price-book.md").read_text()
BLOCKS = [indent(dedent(block), "  ") for block in re.findall(r"^```yaml\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)]


def test_the_example_of_agreed_prices_loads(tmp_path: Path) -> None:
    for name, text in EXAMPLES.items():
        (tmp_path / name).write_text(text)
    (agreed,) = (block for block in BLOCKS if "  prices:\n    - {charge:" in block)
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
