"""The programs that are measured: functions as deployed, references, and functions' AWS calls made bare."""

import json
import sys
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from infra.operations import SERVED
from shared.logs import logger
from tests.bench import deployed
from tests.bench.loopback import AwsAnswer, Invocation
from tests.bench.packages import installed, references, runtime
from tests.bench.process import BenchmarkError, Program, Ran, run
from tests.bench.recording import RecordedWorld, as_from_gateway
from tests.bench.situations import ADA, Situation
from tests.integration.gateway import published_keys
from tests.integration.verifiers import fresh_verifiers

NOTHING, CLIENT, NAIVE = "nothing", "boto3 client", "naive"
OPERATIONS = frozenset(route.function.module for route in SERVED)
"""The functions that HTTP routes lead to."""

_runtime = cache(runtime)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A situation as it was played in this process: the program that is measured, and the answer that it must give."""

    situation: Situation
    program: Program
    answer: Any

    def check(self, ran: Ran) -> None:
        """Raises BenchmarkError unless every answer is as it was when it was recorded."""
        for invocation in ran.invocations:
            said = json.loads(invocation.answer)
            if self._essence(said) != self._essence(self.answer):
                raise BenchmarkError(
                    f"{self.situation.name}: it answered {str(said)[:500]}, not {str(self.answer)[:500]}"
                )

    def _essence(self, answer: Any) -> Any:
        """What does not differ between two answers to the same event."""
        if self.situation.status is not None:
            return answer["statusCode"]
        return {name: value for name, value in (answer or {}).items() if name != "seconds"}


def recorded(situation: Situation) -> Recorded:
    """Play `situation` on the platform in this process. Raises BenchmarkError when it does not go as it should."""
    _make_layers_importable(situation.module)
    logger.setLevel("CRITICAL")
    with RecordedWorld() as world, fresh_verifiers(world) as keys, pytest.MonkeyPatch.context() as patch:
        from auth import get_signing_keys, signing_keys  # noqa: PLC0415 - read their environment when imported

        patch.setattr(get_signing_keys, "keys", signing_keys.SigningKeys(keys.url))
        with world.recording(), redirect_stdout(StringIO()):
            situation.play(world)
        takes = [take for take in world.takes if take.module == situation.module]
        if not takes:
            raise BenchmarkError(f"{situation.name}: it was not called")
        take = takes[-1]
        if situation.status is not None and take.answer["statusCode"] != situation.status:
            raise BenchmarkError(f"{situation.name}: it answered {take.answer}, not {situation.status}")
        own = {"USER_POOL_ID": world.user_pool_id, "USER_POOL_CLIENT_ID": world.client_id}
        given = {name: own.get(name, value) for name, value in deployed.environment(situation.module).items()}
        program = Program(
            name=situation.name,
            handler=f"{situation.module}.handler",
            path=(deployed.asset(situation.module), deployed.opt(situation.module) / "python", _runtime()),
            event=json.dumps(as_from_gateway(take.event) if "rawPath" in take.event else take.event).encode(),
            environment=given,
            answers=take.answers,
            files={f"/{world.user_pool_id}/.well-known/jwks.json": json.dumps(published_keys()).encode()},
        )
    return Recorded(situation, program, json.loads(json.dumps(take.answer, default=float)))


def _make_layers_importable(module: str) -> None:
    """Let this process find what only a layer has; what the development environment has is found there."""
    folder = str(deployed.opt(module) / "python")
    if folder not in sys.path:
        sys.path.append(folder)


def bare(function: Program, request: Invocation, folder: Path) -> Program:
    """The AWS calls of a function's request, made by the clients of its own layers and nothing else."""
    asked = [(call.service, call.signed, call.operation, call.parameters) for call in request.calls]
    file = folder / f"{function.name}.json"
    file.write_text(json.dumps([asked, json.loads(request.answer)]))
    return replace(
        function,
        name=f"{function.name} (bare)",
        handler="probes.bare.handler",
        environment={**function.environment, "BENCH_CALLS": str(file)},
    )


def modules(program: Program, folder: Path) -> tuple[list[str], Ran]:
    """What has been imported once `program` has answered, and how it has. Raises BenchmarkError."""
    file = folder / "modules.json"
    ran = run(through(program, "modules", BENCH_MODULES=str(file)), events=2)
    names: list[str] = json.loads(file.read_text())
    return names, ran


def through(program: Program, probe: str, **environment: str) -> Program:
    """A program with all that it has, its handler called by one of tests/bench/probes."""
    return replace(
        program,
        handler=f"probes.{probe}.handler",
        environment={
            **program.environment,
            "BENCH_MODULE": program.handler.removesuffix(".handler"),
            **environment,
        },
    )


def reference_programs(event: bytes) -> dict[str, Program]:
    """The references by name, each handed the request `event`."""
    folder = references()
    stock, naive = installed("bench-stock"), installed("bench-naive")

    def program(name: str, module: str, *more: Path) -> Program:
        return Program(name=name, handler=f"references.{module}.handler", path=(folder, *more, _runtime()), event=event)

    environment = {
        "ORDERS_TABLE": "Orders",
        "CURRENCY": "USD",
        "UNIT_PRICE_MINOR": "1000",
        "POWERTOOLS_SERVICE_NAME": "orders",
        "POWERTOOLS_LOG_LEVEL": "INFO",
    }
    return {
        NOTHING: program(NOTHING, "nothing"),
        CLIENT: program(CLIENT, "boto3_client", stock),
        NAIVE: replace(program(NAIVE, "naive", naive), environment=environment, answers=_NAIVE_ANSWERS),
    }


def _answer(operation: str, body: object) -> AwsAnswer:
    headers = {"Content-Type": "application/x-amz-json-1.0"}
    return AwsAnswer("dynamodb", operation, 200, headers, json.dumps(body).encode())


_COUNTER = {"profileId": {"S": ADA.profile_id}, "sk": {"S": "COUNTER"}, "lastNumber": {"N": "1"}}
_NAIVE_ANSWERS = (
    _answer("PutItem", {}),
    _answer("GetItem", {"Item": _COUNTER}),
    _answer("TransactWriteItems", {}),
    _answer("UpdateItem", {}),
)
