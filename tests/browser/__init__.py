"""The hosted login and the docs page in a real browser: headless Chromium, on the local cloud."""
