"""Reference a: a handler that does nothing."""


def handler(_event: object, _context: object) -> dict[str, object]:
    """Answer."""
    return {"statusCode": 200}
