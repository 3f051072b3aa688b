"""A mix of requests by many clients at once, over HTTP: `make load`."""
