"""The auditor: checks that the books agree with themselves and with the orders. Read-only."""
