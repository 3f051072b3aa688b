"""A real nginx and a real Envoy before a service.

Proves that the configurations in docs/gateway let requests through with the caller's id, and reject all others.

About 1 minute. Starts a local cloud; needs nginx and Envoy, else it is skipped (in CI it fails).
Run it: `make test KIND=gateway`.
"""
