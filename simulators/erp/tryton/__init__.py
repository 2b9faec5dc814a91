"""Tryton 8.2 with its accounting and invoicing modules, as a Tryton that ran was measured to behave."""
