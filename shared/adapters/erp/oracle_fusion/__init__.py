"""Oracle Fusion Cloud ERP: receivables invoices and credit memos over REST, journals as files that jobs import."""
