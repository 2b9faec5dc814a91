"""Notice that a source of usage has gone quiet, and that it is heard of again."""
