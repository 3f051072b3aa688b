"""`make sam`: the HTTP side of the template by `sam local start-api`, until Ctrl-C."""

import os
import signal
import sys
import time
from types import FrameType

from local.failure import LocalCloudError
from local.sam.start_api import sam_api, say_where

DEFAULT_PORT = 3001


def main() -> None:
    """Serve on SAM_PORT, or port 3001."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with sam_api(_port(), sys.stderr) as api_url:
            say_where(api_url)
            while True:
                time.sleep(1)
    except LocalCloudError as error:
        sys.exit(f"sam: {error}")
    except KeyboardInterrupt:
        print("sam: stopped")


def _port() -> int:
    text = os.environ.get("SAM_PORT") or str(DEFAULT_PORT)
    if not text.isdecimal() or not 1024 <= int(text) <= 65535:
        raise LocalCloudError(f"SAM_PORT must be a port number from 1024 to 65535, not {text!r}")
    return int(text)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
