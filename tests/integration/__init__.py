"""Handlers on moto."""
