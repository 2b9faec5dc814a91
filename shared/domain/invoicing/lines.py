"""A rated charge as an invoice line: rounded here, once."""

from shared.domain.invoicing.invoice import InvoiceLine
from shared.domain.master_data.catalog import Product
from shared.domain.money import Currency, Money
from shared.domain.rating.rated_charge import RatedCharge


def line_of(charge: RatedCharge, product: Product, currency: Currency) -> InvoiceLine:
    """Return the line that bills the charge whole."""
    return InvoiceLine(
        line_id=f"{charge.subscription_id}/{charge.charge_id}",
        subscription_id=charge.subscription_id,
        charge_id=charge.charge_id,
        product_id=charge.product_id,
        description=charge.description or product.name,
        meter=charge.meter,
        quantity=charge.quantity,
        price=charge.price,
        parts=charge.parts,
        precise_amount=charge.precise_amount,
        amount=Money(charge.precise_amount, currency).rounded(),
        service_period=charge.service_period,
        tax_category=product.tax_category,
    )
