"""Stands in for s3transfer, which moves files to and from S3: no function does, yet boto3 loads all of it at import.

Saves 0.051 of the start of a stock boto3 client (docs/decisions/0025).
"""
