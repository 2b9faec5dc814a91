"""Documents as PDF, set by Typst from templates that designers can edit."""
