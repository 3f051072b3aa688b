"""Types of what answers hold as text, so that the contract names its form.

A view is a typed dict of what is written into JSON. Its ids and timestamps are text already; that they are UUIDs and
date-times only whoever makes the contract needs to know (infra/openapi_schemas.py), and pydantic has it of these types.
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
