"""Invoices as UBL 2.1 in the terms of EN 16931. Only written here, never read."""

from shared.contracts.ubl.invoice import write_ubl_invoice

__all__ = ["write_ubl_invoice"]
