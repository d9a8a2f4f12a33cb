"""Put what the commands need into the checkout: Python packages in `.venv`, the built pages in `frontend/dist`.

    python3 tools/prepare.py run    what `make run` needs
    python3 tools/prepare.py dev    that, and what tests and checks need

Standard library only, because it runs before anything is installed. What is up to date is left alone, so a second start
takes no time; a lock lets several commands start at once in one checkout.
"""

import fcntl
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FRONTEND = ROOT / "frontend"
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
MIN_PYTHON = (3, 11)
MIN_NODE = (20, 19)


def main() -> None:
    """Prepare for running or for developing."""
    mode = sys.argv[1] if sys.argv[1:] else ""
    if mode not in ("run", "dev"):
        sys.exit("usage: prepare.py run | dev")
    if sys.version_info < MIN_PYTHON:
        sys.exit(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}")
    VENV.mkdir(exist_ok=True)
    with (VENV / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        prepare_python(ROOT / ("requirements.lock" if mode == "run" else "requirements-dev.lock"))
        prepare_node_modules()
        prepare_pages()


def prepare_python(lock_file: Path) -> None:
    """Make `.venv` and install the locked packages, each checked against its hash."""
    if not PYTHON.exists():
        require_ensurepip()
        say("making .venv")
        venv.create(VENV, with_pip=True)
    stamp = VENV / f".{lock_file.stem}.stamp"
    state = digest([lock_file])
    if is_stamped(stamp, state):
        return
    say(f"installing Python packages of {lock_file.name}")
    uv = shutil.which("uv")
    install = [uv, "pip", "install", "--python", str(PYTHON)] if uv else [str(PYTHON), "-m", "pip", "install"]
    run([*install, "--quiet", "--require-hashes", "-r", str(lock_file)], ROOT)
    stamp.write_text(state)


def prepare_node_modules() -> None:
    """Install the locked npm packages."""
    stamp = FRONTEND / "node_modules" / ".stamp"
    state = digest([FRONTEND / "package.json", FRONTEND / "package-lock.json"])
    if is_stamped(stamp, state):
        return
    require_node()
    say("installing npm packages")
    run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], FRONTEND)
    stamp.write_text(state)


def prepare_pages() -> None:
    """Build the SPA."""
    stamp = FRONTEND / "dist" / ".stamp"
    sources = [
        path
        for path in sorted(FRONTEND.rglob("*"))
        if path.is_file() and not {"node_modules", "dist"} & set(path.relative_to(FRONTEND).parts)
    ]
    state = digest(sources)
    if is_stamped(stamp, state):
        return
    say("building the pages")
    run(["npm", "run", "--silent", "build"], FRONTEND)
    stamp.write_text(state)


def require_ensurepip() -> None:
    """Debian leaves out of python3 what a virtual environment needs to have pip; root can put it in."""
    if importlib.util.find_spec("ensurepip") is not None:
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        say("installing python3-venv")
        run(["apt-get", "update", "-qq"], ROOT)
        run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "python3-venv"], ROOT)
        importlib.invalidate_caches()
    if importlib.util.find_spec("ensurepip") is None:
        sys.exit("Python's ensurepip is missing; please install it (on Debian: apt install python3-venv)")


def require_node() -> None:
    """End with one clear line unless there is a Node that can build the pages."""
    wanted = ".".join(map(str, MIN_NODE))
    if shutil.which("node") is None or shutil.which("npm") is None:
        sys.exit(f"Node.js {wanted} or newer with npm is needed to build the pages; please install it")
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if tuple(int(part) for part in re.findall(r"\d+", version)[:2]) < MIN_NODE:
        sys.exit(f"Node.js {wanted} or newer is needed to build the pages, this is {version}")


def digest(paths: Iterable[Path]) -> str:
    """What these files hold, in one word."""
    total = hashlib.sha256()
    for path in paths:
        total.update(str(path.relative_to(ROOT)).encode() + b"\0")
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def is_stamped(stamp: Path, state: str) -> bool:
    """Whether this state is what was prepared last."""
    return stamp.exists() and stamp.read_text() == state


def run(command: list[str], folder: Path) -> None:
    """Run a command; its own output says what went wrong."""
    if subprocess.run(command, cwd=folder, check=False).returncode != 0:
        sys.exit(f"failed: {' '.join(command)}")


def say(text: str) -> None:
    """Tell the person who waits."""
    print(f"• {text}", flush=True)


if __name__ == "__main__":
    main()
