"""Hold the customers of a legal entity against those of its ERP."""
