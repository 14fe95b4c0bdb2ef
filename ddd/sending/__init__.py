"""Sends the outbox, reads DdD back, and applies a person's decisions about the rest."""
