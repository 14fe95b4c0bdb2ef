"""Texts about DdD for people, in the reader's language. Knows no database."""
