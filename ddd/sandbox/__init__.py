"""The DdD sandbox: a strict stand-in for DdD's Public API.

A program of its own (`python -m ddd.sandbox`): it shares no code with the portal's client, knows no Django
and never reads the portal's database, so that a misreading of the contract on one side cannot hide on the
other.
"""
