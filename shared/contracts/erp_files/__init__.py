"""What goes beside the files of documents (docs/reference/erp-files.md): manifests out, answers in; and our records."""
