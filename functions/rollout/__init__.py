"""Tries a new version before it gets requests of users."""
