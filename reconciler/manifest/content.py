"""From the bytes of a file to its text; what is no text of YAML at all is named, with what to do."""

import re
from typing import Final

from reconciler.manifest.positions import Position

MAX_BYTES: Final = 64 * 1024 * 1024
"""How large a file may be; a thousand organizations take one of these megabytes."""

_LEAVE: Final = "or leave the file out of the manifests"
_HEADS: Final = (
    (b"\0GITCRYPT\0", "It is encrypted by git-crypt.", f"Run git-crypt unlock, {_LEAVE}."),
    (
        b"version https://git-lfs.github.com/spec/",
        "It is a pointer of Git LFS; its content is not here.",
        f"Run git lfs pull, {_LEAVE}.",
    ),
    (b"age-encryption.org/", "It is encrypted by age.", f"Decrypt it (age --decrypt), {_LEAVE}."),
    (b"-----BEGIN AGE ENCRYPTED FILE", "It is encrypted by age.", f"Decrypt it (age --decrypt), {_LEAVE}."),
    (b"-----BEGIN PGP MESSAGE", "It is encrypted by PGP.", f"Decrypt it (gpg --decrypt), {_LEAVE}."),
    (b"$ANSIBLE_VAULT;", "It is encrypted by Ansible Vault.", f"Decrypt it (ansible-vault decrypt), {_LEAVE}."),
)
_CONFLICT: Final = re.compile(r"^(<{7}|>{7}|\|{7}) |^={7}$", re.MULTILINE)
_TEMPLATE: Final = re.compile(r"\{\{|\{%|\{#")
SOPS: Final = ("It is encrypted by SOPS.", f"Decrypt it (sops --decrypt), {_LEAVE}: manifests hold no secrets.")


class Unreadable(ValueError):
    """Say why a file's content is not a text of YAML; ``line`` is 0 where the whole file is meant."""

    def __init__(self, message: str, remedy: str, line: int = 0) -> None:
        super().__init__(message)
        self.remedy = remedy
        self.line = line


def encrypted_or_elsewhere(content: bytes) -> tuple[str, str] | None:
    """Return what to say, and what to do, of content that stands for another: a pointer, or something encrypted."""
    return next(((message, remedy) for head, message, remedy in _HEADS if content.startswith(head)), None)


def decoded(content: bytes) -> str:
    """Return the text of a file.

    Raises:
        Unreadable: It is encrypted, elsewhere, or in another encoding than UTF-8.
    """
    found = encrypted_or_elsewhere(content)
    if found is not None:
        raise Unreadable(*found, line=1)
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or _looks_like_utf16(content):
        raise Unreadable("It is encoded in UTF-16.", f"Save it as UTF-8, {_LEAVE}.")
    at = content.find(b"\0")
    if at >= 0:
        message = "It holds a NUL byte: it is not a text."
        raise Unreadable(message, f"Save it as a text in UTF-8, {_LEAVE}.", content.count(b"\n", 0, at) + 1)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Unreadable(f"Line {line} is not encoded in UTF-8.", f"Save it as UTF-8, {_LEAVE}.", line) from error


def conflict_in(text: str) -> tuple[Position, str, str] | None:
    """Return where, why and what to do, where a text is no YAML because it holds both sides of a merge."""
    found = _CONFLICT.search(text)
    if found is None:
        return None
    remedy = "Resolve it, and remove the lines <<<<<<<, ======= and >>>>>>>."
    return Position(text.count("\n", 0, found.start()) + 1, 1), "A merge conflict is not resolved here.", remedy


def template_in(text: str, line: int) -> tuple[Position, str, str] | None:
    """Return where, why and what to do, where a line, or the one above it, is none of YAML but of a template."""
    lines = text.split("\n")
    for number in (line, line - 1):
        found = _TEMPLATE.search(lines[number - 1]) if 0 < number <= len(lines) else None
        if found is not None:
            remedy = "Render it first (helm template, Jinja), and name what comes out: --file PATH."
            return Position(number, found.start() + 1), "This is a template, not a manifest.", remedy
    return None


def emptiness_of(text: str) -> str:
    """Say of a text without a document what it is."""
    lines = [line for line in text.lstrip("\ufeff").splitlines() if line.strip()]
    if not lines:
        return "The file is empty."
    is_comment = all(line.lstrip().startswith("#") for line in lines)
    return "The file holds only comments." if is_comment else "The file holds no document."


def _looks_like_utf16(content: bytes) -> bool:
    start = content[:4]
    return len(start) == 4 and (start[0] == start[2] == 0 != start[1] or start[1] == start[3] == 0 != start[0])
