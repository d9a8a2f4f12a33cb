"""For all tests: logs as in production, and which of them stay together when several processes share the work."""

import pytest

from shared.logging import configure_logging

configure_logging("warning", "console")  # in particular, tracebacks without local variables


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of one file have people in common, those of files a whole product in each of its shapes."""
    for item in items:
        params = item.callspec.params if hasattr(item, "callspec") else {}
        group = params.get("site") or f"{item.path} {params.get('server', '')}"
        item.add_marker(pytest.mark.xdist_group(str(group)))
