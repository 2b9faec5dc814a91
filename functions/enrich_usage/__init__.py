"""Say who pays for each accepted event; park what nobody can be billed for yet."""
