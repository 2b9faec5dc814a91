"""The usage archive by days of arrival: what lies in it, what of it was compacted, and what is damaged."""
