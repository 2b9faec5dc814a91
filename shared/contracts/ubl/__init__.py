"""Invoices and credit notes as UBL 2.1 in the terms of EN 16931. Only written here, never read."""

from shared.contracts.ubl.document import write_ubl

__all__ = ["write_ubl"]
