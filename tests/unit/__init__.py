"""Pure domain and shared code."""
