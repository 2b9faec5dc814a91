"""Files for ERPs that are told of documents by files alone (docs/reference/erp-files.md): what is in them, pure."""
