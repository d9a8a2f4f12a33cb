"""Opens files in a real browser in every way that a page could, and tells what ran.

It is started as `python -m tests.files.browse`, a process of its own: the browser's driver keeps an event loop running,
and asyncio's tests want theirs. It reads a `Task` as JSON and writes what happened.
"""

import json
import subprocess
import sys
from contextlib import suppress
from typing import TypedDict
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Error, Page, sync_playwright

from tests.harness.chromium import find_chromium

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
SIGN = "EXECUTED"
TELL = f"window.alert = () => console.log('{SIGN} ' + (document.currentScript?.src || location.href))"
CONTROLS = {
    "/control.html": ("text/html", "<script>alert('control')</script>"),
    "/control.js": ("text/javascript", "alert('control')"),
}
"""What does run, by itself and within a page: a browser that does not notice these proves nothing."""
AT_ONCE = 10
EMBED = """async (urls) => {
    const loaded = [];
    for (const url of urls) {
        for (const [tag, name] of [['script', 'src'], ['img', 'src'], ['iframe', 'src'], ['embed', 'src'],
                                   ['object', 'data'], ['video', 'src'], ['link', 'href']]) {
            const element = document.createElement(tag);
            if (tag === 'link') element.rel = 'stylesheet';
            element[name] = url;
            loaded.push(new Promise((done) => {
                element.onload = element.onerror = element.onloadeddata = done;
                setTimeout(done, 1000);
            }));
            document.body.append(element);
        }
    }
    await Promise.all(loaded);
}"""


class Task(TypedDict):
    """What to open, and the cookie that opens them."""

    base_url: str
    cookie: str
    paths: list[str]


class Report(TypedDict):
    """What happened: paths."""

    executed: list[str]
    downloads: list[str]
    shown: list[str]


def main() -> None:
    task: Task = json.load(sys.stdin)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
        context = browser.new_context(base_url=task["base_url"])
        context.add_init_script(TELL)
        name, _, value = task["cookie"].partition("=")
        context.add_cookies([{"name": name, "value": value, "url": f"{task['base_url']}/api/files"}])
        json.dump(visit(context, task["paths"]), sys.stdout)
        browser.close()


def visit(context: BrowserContext, paths: list[str]) -> Report:
    """Each file by itself, and within a page of the product; then what must be noticed."""
    report = Report(executed=[], downloads=[], shown=[])

    def note(message: ConsoleMessage) -> None:
        if message.text.startswith(SIGN):
            report["executed"].append(urlsplit(message.text.removeprefix(SIGN).strip()).path)

    def listen(page: Page) -> None:
        page.on("console", note)
        page.on("download", lambda download: report["downloads"].append(urlsplit(download.url).path))

    context.on("page", listen)
    page, home = context.new_page(), context.new_page()
    home.goto("/login")
    for path in paths:
        with suppress(Error):  # a download is no page
            page.goto(path)
            report["shown"].append(path)
    for start in range(0, len(paths), AT_ONCE):
        home.evaluate(EMBED, paths[start : start + AT_ONCE])
    for path, (kind, body) in CONTROLS.items():
        context.route(f"**{path}", lambda route, kind=kind, body=body: route.fulfill(body=body, content_type=kind))
    page.goto(next(iter(CONTROLS)))
    home.evaluate(EMBED, list(CONTROLS)[1:])
    return report


def run(task: Task) -> Report:
    """The same from a test."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.files.browse"],
        input=json.dumps(task),
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    report: Report = json.loads(done.stdout)
    return report


if __name__ == "__main__":
    main()
