"""Code that every function uses: HTTP, money, events, DynamoDB. It knows no service."""
