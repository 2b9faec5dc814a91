"""The ERPs that can be posted to, one module each, as data: what they do, what their mappings need, what fits."""
