"""Real concurrency: many workers over HTTP on the local cloud."""
