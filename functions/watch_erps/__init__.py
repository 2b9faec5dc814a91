"""See how every ERP stands, and how long what waits for it takes; let people end a hold on its credentials."""
