"""Generates very many orders, as if the shops had worked for a year: to see the portal at its full size."""
