"""The one logger: a JSON line an entry. Never give it a token, a password or personal data."""

from aws_lambda_powertools.logging import Logger

# Lambda reads the level of a line only if its time is RFC 3339. Each byte is paid for: the line of code is told by the
# message, and there is no tracing.
logger = Logger(utc=True, use_rfc3339=True, location=None, xray_trace_id=None)
