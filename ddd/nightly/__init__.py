"""Compares what DdD's books show with what the portal has booked."""
