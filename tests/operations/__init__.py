"""What operators type, on a local cloud of its own: audit, runbook, drill, preflight, mistakes; failed deployments."""
