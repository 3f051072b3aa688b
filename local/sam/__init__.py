"""SAM on the same template: the HTTP side served by `sam local start-api` in Docker, over the local cloud."""
