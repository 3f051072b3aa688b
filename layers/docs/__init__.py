"""The page that explains the API, as a Lambda layer of files."""
