"""What a key, or a code, means, for people and programs."""

import json
from collections.abc import Iterable, Iterator

import click
from pydantic import TypeAdapter

from reconciler.model.explanation import CodeExplanation, KeyExplanation


def explanation_text(found: KeyExplanation) -> str:
    """Return everything that is known of a key."""
    facts = {
        "Key": found.key,
        "Stands in": found.place,
        "Type": f"required, {found.type}" if found.is_required else found.type,
        "Default": found.default,
        "In Keycloak": found.keycloak,
        "Own rule": found.rule,
        "GET /v1/me": "shows what is in force" if found.is_effective else "",
    }
    lines = [f"{name + ':':<12} {value}" for name, value in facts.items() if value]
    lines += ["", *_wrapped(found.description, "  ")] if found.description else []
    for title, risks in (
        ("What changing it can do:", found.risks),
        ("What it means that somebody changed it in Keycloak:", found.event_risks),
    ):
        if risks:
            lines += ["", title, *(f"  {each.level:<7} {each.why} ({each.code})" for each in risks)]
    if found.keys:
        lines += ["", "Keys:", *_listed(found.keys)]
    return "\n".join([*lines, ""])


def codes_text(found: Iterable[CodeExplanation]) -> str:
    """Return what a code means in each output that prints it."""
    parts = []
    for each in found:
        lines = [f"{each.code}: {each.kind}", *_wrapped(each.meaning, "  ")]
        lines += [*_wrapped(f"What to do: {each.remedy}", "  ")] if each.remedy else []
        parts.append("".join(f"{line}\n" for line in lines))
    return "\n".join(parts)


def roots_text(found: Iterable[KeyExplanation]) -> str:
    """Return where keys begin."""
    lines = ["Keys begin with:", *_listed(found), ""]
    return "\n".join(
        [*lines, "For more: reconciler explain KEY, such as client.accessTokenLifespan; or a code: secret-lost.", ""]
    )


def explanation_json(found: KeyExplanation | tuple[KeyExplanation, ...] | tuple[CodeExplanation, ...]) -> str:
    """Return the same as JSON."""
    document = TypeAdapter[object](object).dump_python(found, mode="json")
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _listed(keys: Iterable[KeyExplanation]) -> Iterator[str]:
    for each in keys:
        asked = "required, " if each.is_required else ""
        yield f"  {each.key.rpartition('.')[2]} ({asked}{each.type})"
        yield from _wrapped(each.description, "      ")


def _wrapped(text: str, indent: str) -> list[str]:
    return click.wrap_text(text, 100, indent, indent).split("\n") if text else []
