"""Oracle Fusion Cloud ERP: receivables over REST, journals as files of the FBDI form, jobs that end later."""
