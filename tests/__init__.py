"""The tests: unit (pure domain), integration (handlers on moto), infra (the template), e2e (HTTP, local cloud)."""
