"""What the documents say is what there is."""

import re
from pathlib import Path

import pytest
from pydantic_settings import BaseSettings

from auth_service.settings import AuthSettings
from chat_service.settings import ChatSettings

ROOT = Path(__file__).parent.parent
DOCUMENTS = [ROOT / "README.md", *sorted(ROOT.glob("docs/**/*.md"))]
EXAMPLE = dict(re.findall(r"^([A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE))


@pytest.mark.parametrize("kind", [AuthSettings, ChatSettings])
def test_the_example_lists_every_setting_with_its_default(
    kind: type[BaseSettings], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in kind.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
        assert name.upper() in EXAMPLE
    defaults = kind(_env_file=None)
    for name, value in EXAMPLE.items():
        monkeypatch.setenv(name, value)
    assert kind(_env_file=None) == defaults


def test_the_example_lists_nothing_else() -> None:
    known = {name.upper() for kind in (AuthSettings, ChatSettings) for name in kind.model_fields}
    assert set(EXAMPLE) == known


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", document.read_text()):
        if not target.startswith("http"):
            assert (document.parent / target).exists(), target


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock", "frontend/package-lock.json"])
def test_a_lock_names_no_host(name: str) -> None:
    """They serve behind any registry. What npm adds about sponsors (`funding`) is to be taken out again."""
    assert "://" not in (ROOT / name).read_text()
