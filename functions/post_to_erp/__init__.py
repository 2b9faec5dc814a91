"""Send one posting to its ERP: intent first, then the document, then read it back."""
