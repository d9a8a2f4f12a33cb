"""Somebody with a browser: what they do, by what a person (or a screen reader) finds on the page."""

import re
import secrets
from pathlib import Path

from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Request, expect

PASSWORD = "correct horse battery"


class Person:
    """A person and their browser."""

    def __init__(self, name: str, context: BrowserContext) -> None:
        self.name = f"{name}{secrets.token_hex(3)}"
        self.display_name = name
        self.context = context
        self.page = context.new_page()
        self.errors: list[str] = []
        """What the browser's console complained about."""
        self.strangers: list[str] = []
        """Requests that left the product's own address."""
        self.page.on("console", self._note_console)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", self._note_request)

    def _note_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.errors.append(f"{message.text} ({message.location})")

    def _note_request(self, request: Request) -> None:
        own = self.page.url.split("/", 3)[2] if self.page.url.startswith("http") else None
        if own and not request.url.startswith(("data:", "blob:")) and own not in request.url:
            self.strangers.append(request.url)

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
