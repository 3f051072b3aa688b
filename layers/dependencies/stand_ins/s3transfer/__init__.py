"""Stands in for s3transfer, which moves files to and from S3: no function does, yet boto3 loads all of it at import."""
