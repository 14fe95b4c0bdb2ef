"""What DdD must be told: the turnover rule, and the rows of the outbox."""
