"""Handlers on moto, with events that go through the real relay.

Proves that each operation does what the contract says: answers, items, events, idempotency, races, paging, audits,
items of earlier releases. Tables and environment variables are those of the template.

About 4 minutes on 1 core, half of it on 2. `make check-fast` runs a part in seconds.
Run it: `make test KIND=integration`.
"""
