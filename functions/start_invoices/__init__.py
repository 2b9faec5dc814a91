"""Claim the invoices of one batch and start their executions."""
