"""Accounts, the ledger, and the payments of orders."""
