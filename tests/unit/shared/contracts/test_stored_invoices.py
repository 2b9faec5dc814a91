"""Stored invoices read back as they were written, and those of earlier releases still read."""

import json
import zlib
from dataclasses import replace

from shared.contracts.invoice import pack_stored_invoice, unpack_stored_invoice
from shared.domain.identifiers import AdjustmentId
from shared.domain.rating.adjustments.lines import AdjustmentKind, Applied
from shared.ports.invoices import StoredInvoice
from tests.builders.billing import a_draft, calls

STORED = StoredInvoice(invoice=a_draft(calls(150)), version=1)
PARTNER = Applied(
    adjustment_id=AdjustmentId("partner"), kind=AdjustmentKind.PERCENTAGE_DISCOUNT, target="s-acme/api-calls"
)


def test_a_line_of_a_price_adjustment_reads_back_as_it_was_written() -> None:
    *others, last = STORED.invoice.lines
    discount = replace(last, applied=PARTNER, subscription_id=None, charge_id=None)
    stored = replace(STORED, invoice=replace(STORED.invoice, lines=(*others, discount)))

    assert unpack_stored_invoice(pack_stored_invoice(stored)) == stored
    assert discount.name == "s-acme/api-calls+partner"


def test_an_invoice_of_a_release_without_price_adjustments_still_reads() -> None:
    body = json.loads(zlib.decompress(pack_stored_invoice(STORED)))
    for line in body["invoice"]["lines"]:
        assert line.pop("applied") is None

    assert unpack_stored_invoice(zlib.compress(json.dumps(body).encode())) == STORED
