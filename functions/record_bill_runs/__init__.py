"""Work out what became of bill runs, and record a person's approval of one."""
