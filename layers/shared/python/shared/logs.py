"""The one logger: a JSON line an entry. Never give it a token, a password or personal data."""

from aws_lambda_powertools.logging import Logger

logger = Logger(utc=True)
