"""The pages: the app, the documentation and the OpenAPI document."""
