"""What a customer is sent for an issued invoice: one document, which the PDF and the electronic invoice both say."""
