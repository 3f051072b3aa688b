"""The one logger: one JSON line per entry. Never give it a token, a password or personal data."""

from aws_lambda_powertools.logging import Logger

# Lambda reads the level of a line only if its time is RFC 3339. Every byte is billed: the message identifies the line
# of code, and trace ids are off.
logger = Logger(utc=True, use_rfc3339=True, location=None, xray_trace_id=None)
