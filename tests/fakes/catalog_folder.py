"""A small, sound catalogue folder as people write it, to be spoiled by tests one line at a time."""

from pathlib import Path

TENANT = """\
id: nimbus
name: Nimbus Cloud
"""

LEGAL_ENTITIES = """\
- id: nimbus-us
  name: Nimbus Cloud Inc.
  country: US
  currency: USD
  erp:
    system: netsuite
    connection: nimbus-us/netsuite
    company: "3"
    receivable_account: "1100"
    tax_account: "2200"
    products: {platform: "501", api: "502"}
    tax_codes: {US-EXEMPT: "7"}
    currencies: {USD: "1"}
    settings: {tax_type: "9"}
  approval:
    approver: dana@nimbus.example
    thresholds: {USD: 5000}
"""

CUSTOMERS = """\
- id: acme
  name: ACME Corporation
  country: US
  time_zone: America/New_York
  subjects: [acme-production]
- id: chandra
  name: Chandra Analytics
  country: IN
  time_zone: Asia/Kolkata
"""

CONTRACTS = """\
- id: c-acme
  customer: acme
  legal_entity: nimbus-us
  currency: USD
  valid_from: 2026-01-01
  valid_until: 2027-01-01
  subscriptions:
    - {id: s-acme, plan: growth}
- id: c-chandra
  customer: chandra
  legal_entity: nimbus-us
  currency: USD
  valid_from: 2026-01-01
  subscriptions:
    - id: s-chandra
      plan: growth
      valid_from: 2026-02-01
"""

PRODUCTS = """\
- {id: platform, name: Platform}
- {id: api, name: API requests}
"""

METERS = """\
- {id: api_calls, name: API requests, unit: request, aggregation: count, dimensions: [region]}
"""

PRICE_BOOK = """\
- id: growth
  name: Growth
  charges:
    - id: base-fee
      product: platform
      prices:
        - {currency: USD, flat: 149.00, valid_until: 2026-07-01}
        - {currency: USD, flat: 159.00, valid_from: 2026-07-01}
    - id: api-calls
      product: api
      meter: api_calls
      prices:
        - currency: USD
          graduated:
            - {up_to: 100, unit_price: 0.10}
            - {up_to: 500, unit_price: 0.05}
            - {unit_price: 0.025}
"""

TAX_RATES = """\
- {code: US-EXEMPT, seller: US, buyers: [US, "*"], rate: 0}
"""

FILES = {
    "tenant.yaml": TENANT,
    "legal_entities.yaml": LEGAL_ENTITIES,
    "customers.yaml": CUSTOMERS,
    "contracts.yaml": CONTRACTS,
    "products.yaml": PRODUCTS,
    "meters.yaml": METERS,
    "price_book.yaml": PRICE_BOOK,
    "tax_rates.yaml": TAX_RATES,
}


def write_catalog(folder: Path) -> Path:
    """Write the sound catalogue to a folder, which is made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in FILES.items():
        (folder / name).write_text(text)
    return folder


def spoil(folder: Path, *, file: str, old: str, new: str) -> None:
    """Replace a text that occurs in the file."""
    text = (folder / file).read_text()
    assert old in text, f"{old!r} is not in {file}"
    (folder / file).write_text(text.replace(old, new, 1))
