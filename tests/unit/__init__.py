"""Domain rules and shared code, alone: no AWS, no HTTP, no template.

Proves that amounts are exact, that orders and payments take no step they must not take, and that shared code (bodies,
tokens, retries, paging, streams) gives the documented result for odd input. Properties are tried by Hypothesis.

About half a minute.
Run it: `make test KIND=unit`.
"""
