"""Say what a bill run did, or report that it failed."""
