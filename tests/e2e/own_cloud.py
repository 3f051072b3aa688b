"""A local cloud for one program (`make stress`, `make load`, `make fuzz`), and the API that it serves."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from local.cloud import local_cloud
from local.ports import free_port
from tests.e2e.api import Api


@contextmanager
def own_cloud(**options: Any) -> Iterator[tuple[Api, Path]]:
    """The API over connections with httpx.Client's `options`, and a folder that ends with the cloud.

    Raises LocalCloudError when it does not start.
    """
    with (
        tempfile.TemporaryDirectory() as folder,
        local_cloud(free_port(), Path(folder)) as (stack, _),
        httpx.Client(**options) as http,
    ):
        yield Api(stack, http), Path(folder)
