"""Each route × each token that must not open it, over HTTP; part of `make attack`.

Proves that forged, expired, foreign and signed-out tokens are rejected, and that no log line or event has a secret.

About 2 minutes. Starts a local cloud.
Run it: `make test KIND=attack`.
"""
