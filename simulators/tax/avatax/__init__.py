"""Avalara AvaTax, simulated after the models and error codes that Avalara publishes for REST v2."""
