"""What operators type, on a local cloud of its own.

Proves that audit, runbook, restore drill, preflight and trace work and explain mistakes in one line, and that a failed
deployment can be repeated.

About 3 minutes. Starts local clouds.
Run it: `make test KIND=operations`.
"""
