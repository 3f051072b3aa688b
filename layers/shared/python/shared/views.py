"""Types of what answers hold as text, so that the contract names its form.

A view is a typed dict of what is written into JSON. Its ids and timestamps are text already; that they are UUIDs and
date-times only the contract's generator needs to know (infra/contract/schemas.py); pydantic reads it from these types.
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
