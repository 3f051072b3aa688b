"""Each grant of each function, taken away.

Proves that functions have no grant too many: without any one of them, what the function does breaks.

About 2 minutes. Starts a local cloud.
Run it: `make test KIND=grants`.
"""
