"""File names and multipart bodies as no browser writes them, and what becomes of each."""

from dataclasses import dataclass

BOUNDARY = "B0undary"
TYPE = f"multipart/form-data; boundary={BOUNDARY}"
CONTENT = b"harmless content"

NAMES: list[tuple[bytes, str]] = [
    (b"../../etc/passwd", "passwd"),
    (b"/etc/passwd", "passwd"),
    (b"a/b", "b"),
    (b"a/", "file"),
    (b"C:\\\\Users\\\\me\\\\a.txt", "a.txt"),
    (b"..\\\\..\\\\win.ini", "win.ini"),
    (b"\\\\\\\\server\\\\share\\\\a.txt", "a.txt"),
    (b".", "file"),
    (b"..", "file"),
    (b"...", "file"),
    (b" ", "file"),
    (b"CON", "CON"),
    (b"NUL.txt", "NUL.txt"),
    (b"COM1.log", "COM1.log"),
    (b"aux.h", "aux.h"),
    (b"a.txt:stream", "a.txt:stream"),
    (b"a.txt.", "a.txt."),
    (b"a.txt ", "a.txt"),
    (b" a.txt", "a.txt"),
    (b".htaccess", ".htaccess"),
    (b"..a.txt", "..a.txt"),
    (b"-rf", "-rf"),
    (b"~root", "~root"),
    (b"a.jpg.exe", "a.jpg.exe"),
    (b"a.php%00.jpg", "a.php%00.jpg"),
    (b"%2e%2e%2fa.txt", "%2e%2e%2fa.txt"),
    (b"%0d%0aX-Injected: yes", "%0d%0aX-Injected: yes"),
    (b"100%.txt", "100%.txt"),
    (b'a\\"b.txt', 'a"b.txt'),
    (b'a\\"; filename=\\"b.html', 'a"; filename="b.html'),
    (b"a;b.txt", "a;b.txt"),
    (b"a'b.txt", "a'b.txt"),
    (b"a,b=c.txt", "a,b=c.txt"),
    (b"a\tb.txt", "ab.txt"),
    (b"a\x07\x1b[31mb.txt", "a[31mb.txt"),
    (b"a\x7fb.txt", "ab.txt"),
    (b"<img src=x onerror=alert(1)>.png", "<img src=x onerror=alert(1)>.png"),
    (b"'; DROP TABLE attachments; --", "'; DROP TABLE attachments; --"),
    (b"${jndi:ldap:x}{{7*7}}", "${jndi:ldap:x}{{7*7}}"),
    (b"$(id)`id`|id", "$(id)`id`|id"),
    ("photo\u202egpj.exe".encode(), "photogpj.exe"),
    ("a\u2066b\u2069.txt".encode(), "ab.txt"),
    ("a\u2028b\u2029.txt".encode(), "ab.txt"),
    ("a\u200bb.txt".encode(), "ab.txt"),
    ("☕ \U0001f994.txt".encode(), "☕ \U0001f994.txt"),
    ("e\u0301.txt".encode(), "e\u0301.txt"),
    ("Z\u0351\u0352\u0353algo.txt".encode(), "Z\u0351\u0352\u0353algo.txt"),
    ("Звіт №1 — їжак.pdf".encode(), "Звіт №1 — їжак.pdf"),
    ("ї".encode() * 300, "ї" * 200),
    (b"x" * 3000 + b".txt", "x" * 196 + ".txt"),
    (b"x" * 196 + b".txt", "x" * 196 + ".txt"),
    (b"a.txt" + b" " * 300, "a.txt"),
]

UNREADABLE: list[bytes] = [
    b"x" * 5000,
    b"a\x00b.txt",
    b"\xff\xfe.txt",
    b"\xc0\xaf.txt",
    b"\xed\xa0\x80.txt",
    b"a\r\nX-Injected: yes",
    b'a"; filename="b.txt',
    b"",
]
"""Names that may be refused; what is taken has a harmless one."""


def part(headers: bytes, content: bytes = CONTENT) -> bytes:
    """One part, without the line that ends all."""
    return f"--{BOUNDARY}\r\n".encode() + headers + b"\r\n\r\n" + content + b"\r\n"


def named(name: bytes, field: bytes = b"files") -> bytes:
    """The header of a part that is a file."""
    return b'Content-Disposition: form-data; name="' + field + b'"; filename="' + name + b'"'


END = f"--{BOUNDARY}--\r\n".encode()
FILE = part(named(b"a.txt"))
FIELD = part(b'Content-Disposition: form-data; name="other"', b"x")


@dataclass(frozen=True)
class Body:
    """A request and its stated answer."""

    name: str
    content: bytes
    status: int
    kind: str = TYPE


BODIES = [
    Body("as it should be", FILE + END, 201),
    Body("nothing", b"", 422),
    Body("the end alone", END, 422),
    Body("no boundary in the type", FILE + END, 422, "multipart/form-data"),
    Body("an empty boundary", FILE + END, 422, "multipart/form-data; boundary="),
    Body("another boundary", FILE + END, 422, "multipart/form-data; boundary=another"),
    Body("a boundary of 300 bytes", FILE + END, 422, "multipart/form-data; boundary=" + "x" * 300),
    Body("a boundary of a regular expression", FILE + END, 422, 'multipart/form-data; boundary="(a+)+$"'),
    Body("no end", FILE, 422),
    Body("an end in the middle of a part", FILE[:-9], 422),
    Body("no filename", part(b'Content-Disposition: form-data; name="files"'), 422),
    Body("no name", part(b'Content-Disposition: form-data; filename="a.txt"') + END, 422),
    Body("no disposition", part(b"Content-Type: text/plain") + END, 422),
    Body("no header at all", part(b"") + END, 422),
    Body("another field", part(named(b"a.txt", b"other")) + END, 422),
    Body("two dispositions", part(named(b"a.txt") + b"\r\n" + named(b"../b.html")) + END, 201),
    Body(
        "a file within a file",
        part(named(b"a") + b"\r\nContent-Type: multipart/mixed; boundary=C", b"--C\r\n\r\nx\r\n--C--") + END,
        201,
    ),
    Body("base64, they say", part(named(b"a.txt") + b"\r\nContent-Transfer-Encoding: base64", b"YQ==") + END, 201),
    Body("another charset", FIELD.replace(b"other", b"_charset_").replace(b"\r\nx", b"\r\nutf-7") + FILE + END, 201),
    Body("filename* too", part(named(b"a.txt") + b"; filename*=UTF-8''b%2F..%2Fc.html") + END, 201),
    Body("1,000 fields", FIELD * 1000 + FILE + END, 201),
    Body("1,001 fields", FIELD * 1001 + FILE + END, 422),
    Body("1,001 files", FILE * 1001 + END, 422),
    Body("11 files", FILE * 11 + END, 422),
    Body(
        "a field of 2 MB",
        part(b'Content-Disposition: form-data; name="other"', b"x" * 2_000_000) + FILE + END,
        422,
    ),
    Body("a header of 1 MB", part(b"X-Long: " + b"x" * 1_000_000 + b"\r\n" + named(b"a.txt")) + END, 422),
    Body("10,000 headers", part(b"X-Many: x\r\n" * 10_000 + named(b"a.txt")) + END, 422),
    Body("a header without a colon", part(b"no colon\r\n" + named(b"a.txt")) + END, 422),
    Body("a header name of spaces", part(b"   : x\r\n" + named(b"a.txt")) + END, 422),
    Body("1 MB before it", b"x" * 1_000_000 + b"\r\n" + FILE + END, 422),
    Body("1 MB after it", FILE + END + b"x" * 1_000_000, 201),
    Body("a million line ends", b"\r\n" * 500_000 + FILE + END, 201),
    Body("bare line feeds", (FILE + END).replace(b"\r\n", b"\n"), 422),
    Body("urlencoded", b"files=a&files=b", 415, "application/x-www-form-urlencoded"),
    Body("JSON", b'{"files": []}', 415, "application/json"),
    Body("no type", FILE + END, 415, ""),
]

REQUEST = "POST /api/files/upload HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nContent-Type: " + TYPE
WHOLE = FILE + END
CHUNKED = b"".join(f"{len(each):x}\r\n".encode() + each + b"\r\n" for each in (WHOLE[:7], WHOLE[7:60], WHOLE[60:]))


@dataclass(frozen=True)
class Raw:
    """Bytes for a socket, and the stated answer; 0 is no answer, but a connection that ends."""

    name: str
    headers: str
    content: bytes
    status: int
    is_cut: bool = False
    """Whether the client stops sending before the end that it has announced."""


RAWS = [
    Raw("chunked", "Transfer-Encoding: chunked", CHUNKED + b"0\r\n\r\n", 201),
    Raw("chunked with trailers", "Transfer-Encoding: chunked", CHUNKED + b"0\r\nX-Late: x\r\n\r\n", 201),
    Raw("chunked and cut", "Transfer-Encoding: chunked", CHUNKED, 0, is_cut=True),
    Raw("a chunk of no number", "Transfer-Encoding: chunked", b"zz\r\n" + CHUNKED, 400),
    Raw("a negative chunk", "Transfer-Encoding: chunked", b"-5\r\n" + CHUNKED, 400),
    Raw("a chunk beyond all", "Transfer-Encoding: chunked", b"f" * 17 + b"\r\n" + CHUNKED, 400),
    Raw("more announced than sent", f"Content-Length: {len(WHOLE) + 50}", WHOLE, 0, is_cut=True),
    Raw("less announced than sent", f"Content-Length: {len(WHOLE) - 40}", WHOLE, 422),
    Raw("a negative length", "Content-Length: -1", WHOLE, 400),
    Raw("a length of no number", "Content-Length: 1e3", WHOLE, 400),
    Raw("a length beyond all", "Content-Length: 99999999999999999999999", WHOLE, 400),
    Raw("more than is taken", "Content-Length: 99999999999", WHOLE, 413),
    Raw("two lengths", f"Content-Length: {len(WHOLE)}\r\nContent-Length: 5", WHOLE, 400),
    Raw("a length and chunks", "Content-Length: 5\r\nTransfer-Encoding: chunked", CHUNKED + b"0\r\n\r\n", 400),
    Raw("no length", "X-None: x", WHOLE, 422),
    Raw("expects to be asked", f"Expect: 100-continue\r\nContent-Length: {len(WHOLE)}", WHOLE, 100),
    Raw("another encoding", "Transfer-Encoding: gzip", WHOLE, 400),
]
