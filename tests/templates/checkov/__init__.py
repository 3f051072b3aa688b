"""checkov over the templates, in an environment of its own."""
