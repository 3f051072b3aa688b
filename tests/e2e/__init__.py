"""The contract over HTTP on the local cloud, with IAM enforced."""
