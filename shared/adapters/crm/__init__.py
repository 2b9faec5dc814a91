"""The CRM that asks for amendments."""
