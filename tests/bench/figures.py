"""The figures of a run as bench.json has them."""

import json
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from tests.bench import deployed
from tests.bench.loopback import AwsCall
from tests.bench.measuring import Cost, Measured
from tests.bench.process import valgrind
from tests.bench.programs import CLIENT, NOTHING, OPERATIONS, Recorded

type Figures = dict[str, Any]


def figures(
    recorded: Mapping[str, Recorded],
    measured: Mapping[str, Measured],
    bare: Mapping[str, Measured],
    modules: Mapping[str, Sequence[str]],
    *,
    restricted: bool,
) -> Figures:
    """All of them. `measured` holds the references too, `bare` what makes a situation's calls and nothing else."""
    client, idle = measured[CLIENT].cold.value, measured[NOTHING].warm
    functions = {name: each.situation.module for name, each in recorded.items()}
    layers, services = deployed.all_layers(), sorted({module.partition(".")[0] for module in functions.values()})
    assets = {service: next(m for m in functions.values() if m.startswith(f"{service}.")) for service in services}
    return {
        "taken": datetime.now(UTC).date().isoformat(),
        "counted": "instructions" if valgrind() else "cpu",
        "architecture": platform.machine(),
        "python": platform.python_version(),
        "restricted": restricted,
        "references": {
            name: _of_program(each, None, client, idle, modules[name])
            for name, each in measured.items()
            if name not in recorded
        },
        "situations": {
            name: {
                "function": functions[name],
                "operation": functions[name] in OPERATIONS,
                "layers": list(deployed.layers(functions[name])),
                **_of_program(measured[name], bare.get(name), client, idle, modules[name]),
                "assetBytes": deployed.size(deployed.asset(functions[name])).zipped_bytes,
            }
            for name in recorded
        },
        "layers": {name: _size(deployed.size(folder)) for name, folder in layers.items()},
        "assets": {service: _size(deployed.size(deployed.asset(module))) for service, module in assets.items()},
    }


def _of_program(
    measured: Measured, bare: Measured | None, client: float, idle: Cost, modules: Sequence[str]
) -> Figures:
    return {
        "cold": {
            **_cost(measured.cold),
            "ratio": round(measured.cold.value / client, 3),
            "modules": len(modules),
            "peakMb": round(measured.peak_mb, 1),
        },
        "warm": {
            **_cost(measured.warm),
            "bareInstructions": bare.warm.instructions if bare else None,
            "bareCpuMs": round(bare.warm.cpu_ms, 3) if bare else None,
            "ratio": round(_over(measured.warm, bare.warm, idle), 3) if bare else None,
        },
        "calls": [_call(call) for call in measured.calls],
        "sequence": measured.sequence,
        "logLines": round(measured.log_lines),
        "logBytes": round(measured.log_bytes),
        "imported": list(modules),
    }


def _over(own: Cost, bare: Cost, idle: Cost) -> float:
    """How much more a request is than its calls; what the runtime interface client takes is left out of both."""
    return (own.value - idle.value) / (bare.value - idle.value)


def _cost(cost: Cost) -> Figures:
    return {
        "instructions": cost.instructions,
        "cpuMs": round(cost.cpu_ms, 3),
        "wallMs": round(cost.wall_ms, 3),
    }


def _call(call: AwsCall) -> Figures:
    units = call.answer.units
    return {
        "service": call.service,
        "operation": call.operation,
        "requestBytes": call.request_bytes,
        "answerBytes": len(call.answer.body),
        "readUnits": float(units.read),
        "writeUnits": float(units.write),
        "entries": len(call.parameters.get("Entries", ())),
    }


def _size(size: deployed.Size) -> Figures:
    return {
        "zippedBytes": size.zipped_bytes,
        "modules": size.modules,
        "withoutBytecode": size.without_bytecode,
    }


def written(bench: Figures) -> str:
    """As a file."""
    return json.dumps(bench, indent=1) + "\n"
