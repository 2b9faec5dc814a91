"""An ERP that is told of documents by files alone, and answers by files (docs/reference/erp-files.md)."""
