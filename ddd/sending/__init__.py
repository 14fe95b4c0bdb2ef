"""Sends the outbox, reads DdD back, and takes a person's decision about what neither settles."""
