"""How a new version is tried before it gets requests of users."""
