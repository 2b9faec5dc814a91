"""Send a refused invoice or credit memo again, composed anew: on a person's word, after what was refused is mended."""
