"""The product in four shapes: one process or the stack, with files in a folder or on S3."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import obstore
from obstore.store import LocalStore, S3Store

from tests.faults.shape import family
from tests.harness.processes import ManagedProcess
from tests.harness.seaweedfs import ACCESS_KEY, BUCKET, SECRET_KEY, SeaweedFS
from tests.harness.servers import Embedded, Stack

MIB = 1024 * 1024
MAX_UPLOAD_BYTES = 128 * MIB
QUOTA_BYTES = 2048 * MIB
SETTINGS = {
    "RATE_LIMITS": "off",
    "LOG_LEVEL": "warning",
    "ACCESS_TOKEN_SECONDS": "14400",  # a run may take longer than a token usually lives
    "MAX_UPLOAD_BYTES": str(MAX_UPLOAD_BYTES),
    "USER_QUOTA_BYTES": str(QUOTA_BYTES),
}
SHAPES = ("embedded-folder", "embedded-s3", "stack-folder", "stack-s3")


@dataclass(frozen=True)
class Site:
    """A running product and where its bytes are."""

    shape: str
    server: Embedded | Stack
    weed: SeaweedFS | None

    @property
    def base_url(self) -> str:
        """Where clients find everything."""
        return self.server.base_url

    @property
    def chat_urls(self) -> list[str]:
        """Each process that serves files, past nginx."""
        return self.server.chat_urls if isinstance(self.server, Stack) else [self.server.base_url]

    @property
    def chats(self) -> list[ManagedProcess]:
        """The processes that run chat_service."""
        return [each.process for each in self.server.chats] if isinstance(self.server, Stack) else [self.server.process]

    @property
    def folder(self) -> Path:
        """Where files lie, unless they lie on S3."""
        root = self.server.folder / "data" if isinstance(self.server, Stack) else self.server.data_dir
        return root / "files"

    def objects(self) -> dict[str, int]:
        """All that is stored now: key and size."""
        store = s3(self.weed) if self.weed else LocalStore(self.folder)
        return {item["path"]: item["size"] for item in obstore.list(store).collect()}

    def rss(self) -> int:
        """Bytes of memory of the chat processes and their children."""
        pids = [pid for process in self.chats for pid in (process.pid, *family(process))]
        return sum(resident(pid) for pid in pids)


def s3(weed: SeaweedFS) -> S3Store:
    """The bucket's part that is chat_service's."""
    return S3Store(
        BUCKET,
        prefix="files",
        endpoint=weed.url,
        region="us-east-1",
        access_key_id=ACCESS_KEY,
        secret_access_key=SECRET_KEY,
        client_options={"allow_http": True},
    )


def resident(pid: int) -> int:
    """A process's resident memory; 0 when it has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:")), 0)


@contextmanager
def open_site(shape: str, folder: Path) -> Iterator[Site]:
    """Start it; `folder` is for the S3 server."""
    form, _, store = shape.partition("-")
    with ExitStack() as running:
        weed = running.enter_context(SeaweedFS(folder)) if store == "s3" else None
        settings = {**SETTINGS, **(weed.settings if weed else {})}
        if form == "embedded":
            yield Site(shape, running.enter_context(Embedded(env=settings)), weed)
        else:
            yield Site(shape, running.enter_context(Stack(chat_processes=2, env=settings, fsync=False)), weed)
