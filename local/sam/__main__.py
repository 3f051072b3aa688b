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
        with sam_api(int(os.environ.get("SAM_PORT") or DEFAULT_PORT), sys.stderr) as api_url:
            say_where(api_url)
            while True:
                time.sleep(1)
    except LocalCloudError as error:
        sys.exit(f"sam: {error}")
    except KeyboardInterrupt:
        print("sam: stopped")


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
