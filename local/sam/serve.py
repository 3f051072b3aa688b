"""`make sam`: the HTTP side of the template by `sam local start-api`, until Ctrl-C."""

import sys
import time

from local.ports import chosen_port
from local.sam.start_api import sam_api, say_where

DEFAULT_PORT = 3001


def main() -> None:
    """Serve on SAM_PORT, or port 3001."""
    with sam_api(chosen_port("SAM_PORT", DEFAULT_PORT), sys.stderr) as api_url:
        say_where(api_url)
        while True:
            time.sleep(1)
