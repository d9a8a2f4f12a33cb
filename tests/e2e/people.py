"""Somebody with a browser: what they do, by what a person (or a screen reader) finds on the page."""

import re
import secrets
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, Request, WebSocketRoute, expect

PASSWORD = "correct horse battery"
ARRIVED = re.compile("sent|delivered|read")
"""States of a message that the server has; whoever it is for may be quick."""


class Person:
    """A person and their browser."""

    def __init__(self, name: str, context: BrowserContext) -> None:
        self.name = f"{name}{secrets.token_hex(3)}"
        self.display_name = name
        self.context = context
        self.errors: list[str] = []
        """What the browser's console complained about."""
        self.strangers: list[str] = []
        """Requests that left the product's own address."""
        self.page = self._new_page()
        self._line: Line | None = None

    def _new_page(self) -> Page:
        page = self.context.new_page()
        page.on("console", self._note_console)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", self._note_request)
        return page

    def close_tab(self) -> str:
        """Close the only tab, as impatient people do; returns what it showed."""
        address = self.page.url
        self.page.close()
        return address

    def open_tab(self, address: str) -> None:
        """Open a tab, and use that one from now on."""
        self.page = self._new_page()
        self.page.goto(address)

    def forgive(self, *reasons: str) -> None:
        """Forget complaints that a test caused on purpose: browsers log every request that fails."""
        self.errors[:] = [error for error in self.errors if not any(reason in error for reason in reasons)]

    def rows(self, other: "Person") -> list[dict[str, Any]]:
        """The conversation with somebody as the server has it, by the API."""
        form: dict[str, str | float | bool] = {"grant_type": "password", "username": self.name, "password": PASSWORD}
        token = self.context.request.post("/api/auth/token", form=form).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        found = self.context.request.get("/api/users", params={"q": other.name}, headers=headers).json()["items"]
        answer = self.context.request.get(f"/api/messages/{found[0]['id']}?limit=100", headers=headers)
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    def _note_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.errors.append(f"{message.text} ({message.location})")

    def _note_request(self, request: Request) -> None:
        own = self.page.url.split("/", 3)[2] if self.page.url.startswith("http") else None
        if own and not request.url.startswith(("data:", "blob:")) and own not in request.url:
            self.strangers.append(request.url)

    def hold_line(self) -> None:
        """Make the connection something that can be cut; before the first page that matters is opened."""
        self._line = Line(self.context)

    @property
    def line(self) -> "Line":
        """The connection, after `hold_line`."""
        assert self._line, "call hold_line() first"
        return self._line

    def register(self) -> None:
        """Make an account and land in the chat."""
        page = self.page
        page.goto("/register")
        page.locator("input[autocomplete=username]").fill(self.name)
        page.locator("input[autocomplete=email]").fill(f"{self.name}@example.com")
        page.locator("input[autocomplete=nickname]").fill(self.display_name)
        page.locator("input[autocomplete=new-password]").first.fill(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/chat")

    def sign_in(self) -> None:
        """Fill in the login page."""
        self.page.locator("input[autocomplete=username]").fill(self.name)
        self.page.locator("input[autocomplete=current-password]").fill(PASSWORD)
        self.page.keyboard.press("Enter")

    def find(self, other: "Person") -> None:
        """Look somebody up and open the conversation."""
        self.page.get_by_role("navigation").get_by_role("searchbox").fill(other.name)
        self.page.get_by_role("navigation").get_by_role("link", name=other.display_name).first.click()
        expect(self.page).to_have_url(re.compile(r"/chat/\d+$"))

    @property
    def composer(self) -> Locator:
        """Where one writes."""
        return self.page.get_by_role("main").locator("textarea")

    @property
    def messages(self) -> Locator:
        """All messages on the page."""
        return self.page.get_by_role("log").get_by_role("article")

    def message(self, text: str) -> Locator:
        """The message with this text."""
        return self.messages.filter(has_text=text)

    def send(self, text: str) -> Locator:
        """Write and send; returns the message."""
        self.composer.fill(text)
        self.composer.press("Enter")
        return self.message(text)

    @property
    def tray(self) -> Locator:
        """The files chosen for the next message."""
        return self.page.get_by_role("main").locator("form").get_by_role("listitem")

    def attach(self, *files: Path) -> None:
        """Choose files for the next message."""
        self.page.get_by_role("main").locator("input[type=file]").set_input_files([str(file) for file in files])

    def act(self, message: Locator, action: str) -> None:
        """Choose from a message's menu."""
        message.hover()
        message.locator("[aria-haspopup=menu]").click()
        self.page.locator(f"[role=menuitem][data-action={action}]").click()

    def confirm(self) -> None:
        """Say yes in the dialog that asks."""
        self.page.locator("[role=dialog], [role=alertdialog], dialog[open]").get_by_role("button").last.click()

    def read_all(self) -> list[str]:
        """What the conversation says, top to bottom."""
        return [re.sub(r"\s+", " ", text).strip() for text in self.messages.all_inner_texts()]


class Line:
    """A browser's way to the server. Chromium's own "offline" leaves open sockets alone, a real one does not."""

    def __init__(self, context: BrowserContext) -> None:
        self._context = context
        self._sockets: list[WebSocketRoute] = []
        self._is_cut = False
        context.route_web_socket(re.compile("/api/ws"), self._pass)

    def _pass(self, socket: WebSocketRoute) -> None:
        if self._is_cut:
            socket.close()
            return
        socket.connect_to_server()
        self._sockets.append(socket)

    def cut(self) -> None:
        """No more network."""
        self._context.set_offline(True)
        self.refuse()

    def refuse(self) -> None:
        """The network is there, only the live connection fails."""
        self._is_cut = True
        for socket in self._sockets:
            socket.close()
        self._sockets.clear()

    def mend(self) -> None:
        """The network is back."""
        self._is_cut = False
        self._context.set_offline(False)
