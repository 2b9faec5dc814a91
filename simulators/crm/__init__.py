"""A CRM for tests and local runs: Salesforce, as far as a notice of an amendment needs it."""

from simulators.crm.salesforce import SalesforceSimulator as SalesforceSimulator
