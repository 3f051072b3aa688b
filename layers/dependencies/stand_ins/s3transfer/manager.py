"""The one name that boto3.compat asks for."""


class TransferConfig:
    """Says to boto3 that this s3transfer knows nothing of the CRT."""
