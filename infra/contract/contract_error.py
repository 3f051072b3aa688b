"""The contract lacks something that the documents need."""

from infra.operations import Route


class ContractError(Exception):
    """Names the module that holds the contract, and what to add to it."""

    def __init__(self, route: Route, fix: str) -> None:
        service, _, operation = route.function.module.partition(".")
        super().__init__(f"functions/{service}/{operation}.py ({route.method} {route.path}): {fix}")
