"""What people do in Tryton's own client: take payments, credit an invoice in whole."""

from datetime import date
from decimal import Decimal

from tests.contract.real_tryton.company import PAYMENT_METHOD
from tests.contract.real_tryton.json_rpc import JsonRpc

PAY = "wizard.account.invoice.pay"
CREDIT = "wizard.account.invoice.credit"


def pay(rpc: JsonRpc, invoice: int, *, amount: Decimal, on: date) -> None:
    """Enter a payment with Tryton's wizard; of a part it asks a second time."""
    row = rpc.read("account.invoice", invoice, "party", "company", "currency", "account")
    method = rpc.only("account.invoice.payment.method", [["name", "=", PAYMENT_METHOD]])
    start = {
        "payee": row["party"],
        "payees": [row["party"]],
        "company": row["company"],
        "currency": row["currency"],
        "amount": amount,
        "date": on,
        "description": "Bank transfer",
        "payment_method": method,
        "invoice_account": row["account"],
    }
    on_invoice = {"active_model": "account.invoice", "active_id": invoice, "active_ids": [invoice]}
    session, *_ = rpc.call(f"{PAY}.create")
    answer = rpc.call(f"{PAY}.execute", session, {"start": start}, "choice", context=on_invoice)
    if "view" in answer:
        asked = {name: value for name, value in answer["view"]["defaults"].items() if not name.endswith(".")}
        told = {"start": start, "ask": {**asked, "type": "partial"}}
        rpc.call(f"{PAY}.execute", session, told, "pay", context=on_invoice)
    rpc.call(f"{PAY}.delete", session)


def credit_in_whole(rpc: JsonRpc, invoice: int, *, on: date) -> None:
    """Credit an invoice with Tryton's wizard: a credit note without a reference, and the invoice is cancelled."""
    on_invoice = {"active_model": "account.invoice", "active_id": invoice, "active_ids": [invoice]}
    start = {"invoice_date": on, "with_refund": True, "with_refund_allowed": True}
    session, *_ = rpc.call(f"{CREDIT}.create")
    rpc.call(f"{CREDIT}.execute", session, {"start": start}, "credit", context=on_invoice)
    rpc.call(f"{CREDIT}.delete", session)
