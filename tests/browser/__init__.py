"""The web app, the hosted login and the docs page in a real Chromium.

Proves that a customer can do everything in the web app, on a desktop and a phone, also on a bad network, and that the
hosted login works by code and PKCE.

About 2 minutes. Starts a local cloud; needs a Chromium, else it is skipped (in CI it fails).
Run it: `make test KIND=browser`.
"""
