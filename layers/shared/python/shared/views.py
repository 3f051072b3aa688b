"""Types of text values in answers, so that the contract names their format.

A view is a typed dict that is written as JSON. Its ids and timestamps are text already; only the contract's generator
(infra/contract/schemas.py) needs to know that they are UUIDs and date-times; pydantic reads it from these types.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Id = str
    Timestamp = str
else:
    import datetime as dt
    import uuid

    Id = uuid.UUID
    Timestamp = dt.datetime
