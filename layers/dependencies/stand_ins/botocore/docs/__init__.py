"""Stands in for botocore.docs, which writes documentation of clients as one reads it; in a function nobody does."""

DEPRECATED_SERVICE_NAMES: set[str] = set()
"""What boto3.docs asks for."""
