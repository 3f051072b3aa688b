"""The hosted login in a real browser: headless Chromium, the app of local/app, the local cloud."""
