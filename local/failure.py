"""What stops the local cloud, in words for the person at the terminal."""


class LocalCloudError(Exception):
    """Something that the user can mend: a port in use, a missing tool, a failed deploy. One line."""


class NoDockerError(LocalCloudError):
    """There is no Docker, and none can be started."""
