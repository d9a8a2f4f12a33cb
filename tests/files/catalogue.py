"""What people with bad intentions upload, and what becomes of each."""

import gzip
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

from tests.api.uploads import image
from tests.files import pictures
from tests.files.pictures import SCRIPT, chunk, encoded, picture, png

HEIC = (Path(__file__).resolve().parents[2] / "chat_service/tests/data/photo.heic").read_bytes()
OCTETS, TEXT, ZIP = "application/octet-stream", "text/plain", "application/zip"
HTML = b"<!DOCTYPE html><html><body onload=alert(1)>" + SCRIPT + b"</body></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)">' + SCRIPT + b"</svg>"
JS = b"alert('SECRET-SCRIPT')"


@dataclass(frozen=True)
class Hostile:
    """A file and its stated answer."""

    name: str
    content: bytes
    becomes: str | None
    """The type that it is stored with; None if it is refused as `bad_image`."""
    declared: str = "image/png"
    is_rewritten: bool = False
    """Whether other bytes are served than came: then nothing of SCRIPT is left in them."""

    @property
    def is_inline(self) -> bool:
        """Whether a browser shows it in place; nothing here that is no picture, film or sound is."""
        return (self.becomes or "").partition("/")[0] in ("image", "video", "audio")


def zipped(*files: tuple[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return target.getvalue()


JAR = zipped(("META-INF/MANIFEST.MF", b"Main-Class: Evil\n"), ("Evil.class", b"\xca\xfe\xba\xbe" + bytes(50)))
BOMB = zipped(("0", bytes(50_000_000)))
MP4 = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"
WEBM = b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webm"
GIF, JPEG, PNG, WEBP, AVIF = (encoded(picture(), kind) for kind in ("GIF", "JPEG", "PNG", "WEBP", "AVIF"))
BIG = picture((400, 400))
COMMENTED_GIF = GIF[:-1] + b"\x21\xfe" + bytes([len(SCRIPT)]) + SCRIPT + b"\x00;"

POLYGLOTS = [
    Hostile(
        "a script behind a GIF.gif",
        GIF + b"/*" + SCRIPT + b"*/=1;" + JS,
        "image/gif",
        "text/javascript",
        is_rewritten=True,
    ),
    Hostile("a script in a GIF's comment.gif", COMMENTED_GIF, "image/gif", is_rewritten=True),
    Hostile("a script that begins like a GIF.gif", b"GIF89a/*" + bytes(20) + b"*/=1;" + JS, None),
    Hostile("a ZIP behind a JPEG.jpg", JPEG + zipped(("a.html", SCRIPT)) + SCRIPT, "image/jpeg", is_rewritten=True),
    Hostile("a JAR behind a JPEG.jar", JPEG + JAR + SCRIPT, "image/jpeg", is_rewritten=True),
    Hostile(
        "a page in a JPEG's comment.html", encoded(picture(), "JPEG", comment=HTML), "image/jpeg", is_rewritten=True
    ),
    Hostile("a page behind a PNG.html", PNG + HTML, "image/png", "text/html", is_rewritten=True),
    Hostile("a page in a PNG's text.png", png(9, 9, chunk(b"tEXt", b"a\0" + HTML)), "image/png", is_rewritten=True),
    Hostile("a page in a PNG's own chunk.png", png(9, 9, chunk(b"scRp", HTML)), "image/png", is_rewritten=True),
    Hostile("a page behind a WebP.webp", WEBP + HTML, "image/webp", is_rewritten=True),
    Hostile("a page in a WebP's XMP.webp", encoded(picture(), "WEBP", xmp=HTML), "image/webp", is_rewritten=True),
    Hostile("a page behind a photo.heic", HEIC + HTML, "image/jpeg", "image/heic", is_rewritten=True),
    Hostile("a page behind an AVIF.avif", AVIF + HTML, "image/avif"),
    Hostile(
        "a script in a PDF.pdf", b"%PDF-1.7\n1 0 obj<</S/JavaScript/JS(app.alert\\(1\\))>>" + HTML, "application/pdf"
    ),
    Hostile("a PDF behind a line.pdf", b"\n%PDF-1.7\n" + SCRIPT, TEXT, "application/pdf"),
    Hostile("a page in a film.html", MP4 + b"\x00\x00\x01\x00free" + HTML, "video/mp4", "text/html"),
    Hostile("a page in a WebM.html", WEBM + HTML, "video/webm", "text/html"),
    Hostile("a page in a song.html", b"ID3\x04\x00\x00\x00\x00\x01\x00" + HTML, "audio/mpeg", "text/html"),
    Hostile("a page in an Ogg.html", b"OggS\x00\x02" + HTML, "audio/ogg", "text/html"),
    Hostile("a page in a ZIP.zip", zipped(("a.html", HTML)) + HTML, ZIP, "text/html"),
    Hostile("a RIFF that is no picture.webp", b"RIFF\x24\x00\x00\x00WAVEfmt " + HTML, OCTETS, "image/webp"),
]

PAGES = [
    Hostile("page.html", HTML, TEXT, "text/html"),
    Hostile("page.xhtml", b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml">' + SCRIPT, TEXT),
    Hostile("a.svg", SVG, TEXT, "image/svg+xml"),
    Hostile("a.svgz", gzip.compress(SVG), "application/gzip", "image/svg+xml"),
    Hostile("a.xml", b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', TEXT, "text/xml"),
    Hostile("laughs.xml", b'<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY a "&b;&b;&b;">]><a>&a;</a>', TEXT, "text/xml"),
    Hostile("style.xsl", b'<?xml-stylesheet type="text/xsl" href="#"?><x>' + SCRIPT, TEXT, "text/xsl"),
    Hostile("page.mhtml", b"MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n" + HTML, TEXT, "multipart/related"),
    Hostile("page.hta", HTML, TEXT, "application/hta"),
    Hostile("a.js", JS, TEXT, "text/javascript"),
    Hostile("a.mjs", b"export default 1;" + JS, TEXT, "module"),
    Hostile("a.css", b"body{background:url(javascript:alert(1))}", TEXT, "text/css"),
    Hostile("a.wasm", b"\x00asm\x01\x00\x00\x00", OCTETS, "application/wasm"),
    Hostile("a.swf", b"FWS\x09" + bytes(60), OCTETS, "application/x-shockwave-flash"),
    Hostile("a.exe", b"MZ\x90\x00" + bytes(60), OCTETS, "image/png"),
    Hostile("a.elf", b"\x7fELF\x02\x01\x01" + bytes(60), OCTETS),
    Hostile("A.class", b"\xca\xfe\xba\xbe" + bytes(60), OCTETS),
    Hostile("a.sh", b"#!/bin/sh\nrm -rf /\n", TEXT),
    Hostile("a.desktop", b"[Desktop Entry]\nExec=sh -c id\n", TEXT),
    Hostile("manifest.json", b'{"start_url":"javascript:alert(1)"}', TEXT, "application/manifest+json"),
    Hostile("utf16.html", HTML.decode().encode("utf-16"), OCTETS, "text/html; charset=utf-16"),
    Hostile("utf7.html", b"+ADw-script+AD4-alert(1)+ADw-/script+AD4-", TEXT, "text/html; charset=utf-7"),
    Hostile("bom.html", b"\xef\xbb\xbf" + HTML, TEXT, "text/html"),
    Hostile("a.eps", b"%!PS-Adobe-3.0 EPSF-3.0\n(/etc/passwd) (r) file\n", TEXT, "image/png"),
    Hostile("a.psd", b"8BPS\x00\x01" + bytes(60), OCTETS, "image/png"),
    Hostile("a.tiff", encoded(picture(), "TIFF"), OCTETS, "image/png"),
    Hostile("a.bmp", encoded(picture(), "BMP"), OCTETS, "image/bmp"),
    Hostile("a.ico", encoded(picture((32, 32)), "ICO"), OCTETS, "image/x-icon"),
    Hostile("eicar.com", b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*", TEXT),
    Hostile("a.docm", zipped(("word/vbaProject.bin", b"x")), ZIP, "application/vnd.ms-word"),
]

BOMBS = [
    Hostile("30,000 by 30,000.png", pictures.flood(), None),
    Hostile("two billion in a line.png", png(2**31 - 1, 1, rows=b"x"), None),
    Hostile("no pixels.png", png(0, 0), None),
    Hostile("a profile of a gigabyte.png", png(9, 9, chunk(b"iCCP", b"a\0\0" + pictures.zeros(1 << 30))), None),
    Hostile("a text of a gigabyte.png", png(9, 9, chunk(b"zTXt", b"a\0\0" + pictures.zeros(1 << 30))), None),
    Hostile("more pixels than are said.png", png(9, 9, rows=pictures.zeros(1 << 28)), "image/png", is_rewritten=True),
    Hostile("100,000 frames.gif", pictures.gif_of(100_000), None),
    Hostile("65,000 by 65,000.jpg", pictures.jpeg_that_says(65_000, 65_000), None),
    Hostile("16,384 by 16,384.webp", pictures.webp_that_says(16_384, 16_384), None),
    Hostile("60,000 by 60,000.avif", pictures.avif_that_says(60_000, 60_000), None),
    Hostile("EXIF in itself.jpg", pictures.jpeg_with(0xE1, pictures.EXIF_LOOP), "image/jpeg", is_rewritten=True),
    Hostile(
        "a thousand EXIFs.jpg", pictures.jpeg_with(0xE1, *[pictures.EXIF_LOOP] * 1000), "image/jpeg", is_rewritten=True
    ),
    Hostile("EXIF in itself.png", encoded(picture(), "PNG", exif=pictures.EXIF_LOOP), "image/png", is_rewritten=True),
    Hostile("huge EXIF.jpg", pictures.jpeg_with(0xE1, pictures.EXIF_HUGE), "image/jpeg", is_rewritten=True),
    Hostile("50 MB in 50 kB.zip", BOMB, ZIP),
    Hostile("a bomb of bombs.zip", zipped(*[(f"{number}.zip", BOMB) for number in range(10)]), ZIP),
    Hostile("50 MB.gz", gzip.compress(bytes(50_000_000)), "application/gzip"),
]

WHOLE = {"jpg": encoded(BIG, "JPEG"), "png": encoded(BIG, "PNG"), "gif": encoded(BIG, "GIF")}
WHOLE |= {"webp": encoded(BIG, "WEBP"), "avif": encoded(BIG, "AVIF"), "heic": HEIC}
CUT = [
    Hostile(f"{share:.0%} of a picture.{ending}", content[: max(12, int(len(content) * share))], None)
    for ending, content in WHOLE.items()
    for share in (0, 0.3, 0.9)
]

WRONG_TYPES = [
    Hostile("a.png", HTML, TEXT, "image/png"),
    Hostile("a.txt", PNG, "image/png", "text/plain", is_rewritten=True),
    Hostile("a.mp4", JPEG, "image/jpeg", "video/mp4", is_rewritten=True),
    Hostile("a.jpg", image("GIF"), "image/gif", "image/jpeg"),
    Hostile("nothing.png", b"", OCTETS, "image/png"),
    Hostile("long type.bin", b"\x00", OCTETS, "a" * 3000 + "/b"),
    Hostile("strange type.bin", b"\x00", OCTETS, 'text/html;charset=\u00fcber; "=;,'),
    Hostile("no type.bin", b"\x00", OCTETS, ""),
    Hostile("all types.bin", b"\x00", OCTETS, "*/*"),
]

ALL = [*POLYGLOTS, *PAGES, *BOMBS, *CUT, *WRONG_TYPES]
SHOWN = [each for each in ALL if each.becomes is not None]
"""What a browser can be made to open: see `browse`."""
