"""An old ERP that takes documents by files alone: the receiver that docs/reference/erp-files.md describes."""
