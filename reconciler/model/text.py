"""Texts that every system takes."""


def whole_text(text: str) -> str:
    """Return the text with U+FFFD, as decoders have it, where half of a surrogate pair stands: UTF-8 carries none."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
