"""The users' profiles."""
