"""Stands in for boto3.docs; see botocore.docs."""
