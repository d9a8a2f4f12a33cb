"""`python -m tools.check_generated`: fail when the OpenAPI documents or the TypeScript client are stale.

What was stale is written anew on the way, so that it only has to be looked at and committed.
"""

import subprocess
import sys
from pathlib import Path

from tools.prepare import FRONTEND, ROOT, digest, run

DOCUMENTS = FRONTEND / "openapi"
CLIENT = FRONTEND / "src" / "api" / "generated"


def main() -> None:
    """Generate again and compare."""
    before = state()
    subprocess.run([sys.executable, "-m", "gateway.openapi", str(DOCUMENTS)], cwd=ROOT, check=True)
    run(["npm", "run", "--silent", "generate"], FRONTEND)
    if state() != before:
        sys.exit("the generated client was stale; it is fresh now: look at it and commit it")


def state() -> str:
    """What the generated files hold."""
    folders: list[Path] = [DOCUMENTS, CLIENT]
    return digest(sorted(path for folder in folders for path in folder.rglob("*") if path.is_file()))


if __name__ == "__main__":
    main()
