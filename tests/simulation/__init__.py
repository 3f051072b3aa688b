"""Crashes, lost answers, throttling and races; part of `make crash-matrix` and `make simulate`.

Proves that no order of failures loses or doubles money or events: the whole platform runs in one process, and the books
must balance at the end.

About 1 minute.
Run it: `make test KIND=simulation`.
"""
