"""The contract over HTTP on the local cloud, with IAM enforced.

Proves that the deployed template works as a whole: every documented answer of every route, sessions, permissions, the
generated client, the CDK CLI, `make local` and `make sam`.

About 6 minutes. Starts a local cloud.
Run it: `make test KIND=e2e`.
"""
