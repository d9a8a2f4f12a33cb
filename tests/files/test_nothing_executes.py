"""In a real browser no file of the catalogue runs anything: neither by its own address nor within a page."""

import pytest

from tests.api.calls import bearer, ok
from tests.api.uploads import upload
from tests.files.browse import CONTROLS, run
from tests.files.catalogue import SHOWN
from tests.files.site import Site
from tests.stack.people import Person


@pytest.mark.shapes("stack-folder")
def test_no_file_runs_in_a_browser(site: Site, ann: Person) -> None:
    paths = {upload(ann, each.name, each.content, each.declared)["url"]: each for each in SHOWN}
    access = ann.client.post("/api/files/access", headers=bearer(ann.token))
    ok(access, 204)
    ann.client.cookies.clear()
    cookie = access.headers["Set-Cookie"].partition(";")[0]
    report = run({"base_url": site.base_url, "cookie": cookie, "paths": list(paths)})

    assert set(report["executed"]) == set(CONTROLS)
    inline = {path for path, each in paths.items() if each.is_inline}
    assert set(report["shown"]) <= inline
    assert set(report["downloads"]) >= paths.keys() - inline
