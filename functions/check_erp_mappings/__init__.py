"""Hold the mappings of the catalogue against what each ERP has, before a bill run needs them."""
