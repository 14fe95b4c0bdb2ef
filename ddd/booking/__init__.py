"""Books in DdD: the turnover rule, and the rows of the outbox."""
