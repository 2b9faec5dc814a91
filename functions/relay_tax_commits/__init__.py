"""Ask again for documents that no tax engine has recorded yet."""
