"""`make app`: the browser app on http://localhost:3000, for the local cloud that runs, or for STAGE=dev on AWS."""

import signal
import sys

from local.app.configuration import ADDRESS, Configuration
from local.app.server import serving
from local.failure import LocalCloudError
from local.interrupts import end_by_signals


def main() -> None:
    """Serve the app until Ctrl-C."""
    end_by_signals()
    try:
        configuration = Configuration.chosen()
        with serving(configuration):
            print(f"The app is at {ADDRESS} (API {configuration.apiUrl}); Ctrl-C ends it.", flush=True)
            signal.pause()
    except LocalCloudError as error:
        sys.exit(f"app: {error}")
    except KeyboardInterrupt:
        print("app: stopped")


if __name__ == "__main__":
    main()
