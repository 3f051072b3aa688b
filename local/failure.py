"""Errors of the local cloud, in words for the user at the terminal."""


class LocalCloudError(Exception):
    """A problem that the user can fix: a port in use, a missing tool, a failed deploy. One line."""


class NoDockerError(LocalCloudError):
    """Docker is not running, and can't be started."""
