"""Starting the gateways. Their configurations are those of docs/gateway; nothing but addresses is changed."""

import socket
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from local.ports import free_port
from local.synthesis import PROJECT
from tests.gateway.front import NAME, Front
from tests.gateway.upstream import Upstream
from tests.scaffolding.programs import needed
from tests.scaffolding.waiting import until

_DOCUMENTED = PROJECT / "docs" / "gateway"
_START_SECONDS = 20
_TRUSTED = "/etc/ssl/certs/ca-certificates.crt"

type Start = Callable[[Front, Upstream, Path, int], list[str]]
"""Writes a configuration for a port to a folder, and gives the command that runs it."""


def nginx(front: Front, upstream: Upstream, directory: Path, port: int) -> list[str]:
    """docs/gateway/nginx.conf, as it is included from /etc/nginx/nginx.conf."""
    program = needed("nginx", install="apt-get install nginx-light")
    site = _with_addresses(
        "nginx.conf",
        {
            "listen 8080;": f"listen 127.0.0.1:{port};",
            "server 127.0.0.1:3001;": f"server 127.0.0.1:{upstream.port};",
            f'set $platform "{NAME}:443";': f'set $platform "127.0.0.1:{front.port}";',
            _TRUSTED: str(front.certificates),
        },
    )
    (directory / "site.conf").write_text(site)
    scratch = "".join(
        f"{name}_temp_path {directory / name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (directory / "nginx.conf").write_text(
        f"daemon off;\npid {directory / 'nginx.pid'};\nerror_log stderr;\n"
        f"events {{}}\nhttp {{\naccess_log off;\n{scratch}include {directory / 'site.conf'};\n}}\n"
    )
    return [program, "-c", str(directory / "nginx.conf"), "-p", str(directory), "-e", "stderr"]


def envoy(front: Front, upstream: Upstream, directory: Path, port: int) -> list[str]:
    """docs/gateway/envoy.yaml."""
    program = needed("envoy", install="uv sync --locked --group gateway")
    question = free_port()
    documented = _with_addresses(
        "envoy.yaml",
        {
            "{address: 0.0.0.0, port_value: 8080}": f"{{address: 127.0.0.1, port_value: {port}}}",
            "{address: 127.0.0.1, port_value: 3001}": f"{{address: 127.0.0.1, port_value: {upstream.port}}}",
            "{address: 127.0.0.1, port_value: 8081}": f"{{address: 127.0.0.1, port_value: {question}}}",
            "http://127.0.0.1:8081": f"http://127.0.0.1:{question}",
            f"{{address: {NAME}, port_value: 443}}": f"{{address: 127.0.0.1, port_value: {front.port}}}",
            _TRUSTED: str(front.certificates),
        },
    )
    (directory / "envoy.yaml").write_text(documented)
    return [program, "-c", str(directory / "envoy.yaml"), "--use-dynamic-base-id", "--log-level", "warning"]


GATEWAYS: Mapping[str, Start] = {"nginx": nginx, "envoy": envoy}


@contextmanager
def running_gateway(start: Start, front: Front, upstream: Upstream, directory: Path) -> Iterator[str]:
    """A gateway before the upstream, while the block runs. Gives its address."""
    port = free_port()
    command = start(front, upstream, directory, port)
    log = directory / "gateway.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    try:
        until(
            lambda: _listens(port) or process.poll() is not None,
            seconds=_START_SECONDS,
            complaint=lambda: f"the gateway did not start: {log.read_text()}",
        )
        assert process.poll() is None, f"the gateway has ended: {log.read_text()}"
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def _with_addresses(name: str, addresses: Mapping[str, str]) -> str:
    text = (_DOCUMENTED / name).read_text()
    for documented, here in addresses.items():
        assert documented in text, f"{name} has no {documented}"
        text = text.replace(documented, here)
    return text


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
