"""The pages that the platform serves, as a Lambda layer of files: the docs page, and the app."""
