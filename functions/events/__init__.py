"""Moves events from the items that hold them to the bus."""
