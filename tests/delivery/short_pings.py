"""The product with its protocol pings fifteen times as fast: `python -m tests.delivery.short_pings`.

The product has no setting for this, as no owner needs one; a module here patches it in its own process, like those in
`tests/faults/controls`. Whatever the product passes to uvicorn is divided, so its own figures are what is tested.
"""

from typing import Any
from unittest.mock import patch

import uvicorn

from tests.faults.controls import broken

FASTER = 15
init = uvicorn.Config.__init__


def _faster(self: uvicorn.Config, *arguments: Any, **options: Any) -> None:
    for name in ("ws_ping_interval", "ws_ping_timeout"):
        options[name] /= FASTER
    init(self, *arguments, **options)


if __name__ == "__main__":
    with patch.object(uvicorn.Config, "__init__", _faster):
        broken.serve()
