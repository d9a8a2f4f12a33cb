"""What a file is by its first bytes: names and declared types are only what somebody says. Pure."""

SNIFF_BYTES = 4096
OCTETS = "application/octet-stream"
HEIC = "image/heic"
DECODED = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp", "image/avif", HEIC})
"""Types that are read as pictures before anybody gets to see them."""
INLINE = frozenset(
    {
        "image/png",
        "image/jpeg",
        "image/gif",
        "image/webp",
        "image/avif",
        "video/mp4",
        "video/webm",
        "audio/mpeg",
        "audio/ogg",
    }
)
"""What a browser may show in place; all else is a download, whatever it looks like."""

_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"\xff\xf3", "audio/mpeg"),
    (0, b"\xff\xf2", "audio/mpeg"),
    (0, b"OggS", "audio/ogg"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"PK\x03\x04", "application/zip"),
    (0, b"\x1f\x8b", "application/gzip"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
)
_VIDEO_BRANDS = (b"iso", b"mp4", b"avc1", b"dash", b"M4V", b"MSNV")
_AUDIO_BRANDS = (b"M4A ", b"M4B ")
_AVIF_BRANDS = {b"avif", b"avis"}
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}


def sniff(head: bytes) -> str:
    """The type of a file that begins like this; plain text and all unknown are octets or text, never a page."""
    for offset, signature, content_type in _SIGNATURES:
        if head[offset : offset + len(signature)] == signature:
            if signature == b"WEBP" and not head.startswith(b"RIFF"):
                continue
            return content_type
    if head[4:8] == b"ftyp":
        return _sniff_box(head)
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return "video/webm" if b"webm" in head[:64] else "video/x-matroska"
    return "text/plain" if _is_text(head) else OCTETS


def _sniff_box(head: bytes) -> str:
    """By the brands of an ISO base media file: the major one, and those that it is compatible with."""
    length = min(int.from_bytes(head[:4], "big"), len(head))
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, length - 3, 4))]
    if _AVIF_BRANDS & set(brands):
        return "image/avif"
    if _HEIC_BRANDS & set(brands):
        return HEIC
    if head[8:12] not in _AUDIO_BRANDS and any(brand.startswith(_VIDEO_BRANDS) for brand in brands):
        return "video/mp4"
    return OCTETS


def _is_text(head: bytes) -> bool:
    if not head or b"\x00" in head:
        return False
    try:
        head.decode()
    except UnicodeDecodeError as error:
        return error.start > len(head) - 4  # a character cut at the end of the sample
    return True
