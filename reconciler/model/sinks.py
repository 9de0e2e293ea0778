"""The section ``sinks`` of ``reconciler.yaml``: where secrets go. It says places, and holds no secret."""

import re
import string
from collections.abc import Mapping
from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field, model_validator

from reconciler.model.address import Address
from reconciler.model.duration import Duration
from reconciler.model.scalars import Text, broken, readable
from reconciler.model.strict import Strict

PLACEHOLDERS: Final = ("kind", "organization", "name")


def _template(text: str) -> str:
    remedy = f"The placeholders are {', '.join(f'{{{name}}}' for name in PLACEHOLDERS)}; double a literal brace."
    try:
        found = {field for _, field, _, _ in string.Formatter().parse(text) if field is not None}
    except ValueError as error:
        raise broken("The braces do not match.", remedy) from error
    if unknown := sorted(found - {*PLACEHOLDERS}):
        raise broken(f"There is no placeholder {{{unknown[0]}}}.", remedy)
    return text


def _program(words: tuple[str, ...]) -> tuple[str, ...]:
    if words and not words[0].strip():
        raise broken("The command has no program.", "Write the program's name as its first word.")
    return words


def _one_each(text: str) -> str:
    if "{name}" not in text:
        raise broken("Every secret would go to the same place.", "Put {name} into it.")
    return text


Template = Annotated[Text, AfterValidator(_template)]
"""A text with placeholders: ``{kind}`` (client), ``{organization}`` (its alias) and ``{name}`` (the clientId)."""
_Word = Annotated[str, Field(max_length=4000), AfterValidator(readable)]
Argument = Annotated[_Word, AfterValidator(_template)]
OwnTemplate = Annotated[Template, AfterValidator(_one_each)]


class FileSink(Strict):
    """Write each secret into a file of its own, of mode 0600."""

    path: Annotated[OwnTemplate, Field(examples=["secrets/{name}"])]
    """The file, relative to reconciler.yaml; `{name}` is the clientId."""


class DotenvSink(Strict):
    """Write the secrets as variables of a .env file, of mode 0600; its other lines stay."""

    path: Annotated[Template, Field(examples=[".env"])]
    """The file, relative to reconciler.yaml."""
    variable: OwnTemplate = "{name}_secret"
    """The variable's name; it is written in capitals, and what no name may contain becomes `_`."""


class KubernetesSink(Strict):
    """Write each secret as a manifest of a Kubernetes Secret, of mode 0600."""

    path: Annotated[OwnTemplate, Field(examples=["cluster/{name}.secret.yaml"])]
    """The file, relative to reconciler.yaml."""
    namespace: Text | None = None
    """The namespace; without one, that of whoever applies the manifest."""
    secret_name: OwnTemplate = "{name}"  # noqa: S105  (a name)
    """The Secret's metadata.name."""
    key: Text = "client-secret"
    """The key below data."""


class CommandSink(Strict):
    """Give each secret to a command on its standard input: Vault, 1Password, a cloud's command line."""

    run: Annotated[
        tuple[Argument, ...],
        Field(min_length=1, examples=[["vault", "kv", "put", "-mount=secret", "nt24/{name}", "client_secret=-"]]),
        AfterValidator(_program),
    ]
    """The program and its arguments; no shell is involved, and the secret is none of them."""
    check: Annotated[tuple[_Word, ...], Field(examples=[["vault", "token", "lookup"]]), AfterValidator(_program)] = ()
    """A command that succeeds where the secret could be delivered; it runs before a secret is made."""
    timeout: Duration = 60
    """How long either may take, such as `60s`."""


class GithubActionsSink(Strict):
    """Set each secret as an output of the GitHub Actions step that runs us, masked in its log."""

    output: OwnTemplate = "{name}_secret"
    """The output's name; what no name may contain becomes `_`."""


class Sink(Strict):
    """One place for secrets: exactly one of these."""

    file: FileSink | None = None
    """A file for each secret."""
    dotenv: DotenvSink | None = None
    """A .env file."""
    kubernetes: KubernetesSink | None = None
    """A manifest of a Kubernetes Secret for each."""
    command: CommandSink | None = None
    """A command that reads the secret from its standard input."""
    github_actions: GithubActionsSink | None = None
    """An output of a GitHub Actions step."""

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if len(self.model_fields_set) != 1 or self.kind is None:
            raise broken(
                "A sink is exactly one of file, dotenv, kubernetes, command, githubActions.", "Write one of them."
            )
        return self

    @property
    def kind(self) -> "FileSink | DotenvSink | KubernetesSink | CommandSink | GithubActionsSink | None":
        """Return the one that is declared."""
        return self.file or self.dotenv or self.kubernetes or self.command or self.github_actions


def filled(template: str, address: Address) -> str:
    """Return the template for the secret of the resource."""
    return template.format_map(_values(address))


def variable(template: str, address: Address) -> str:
    """Return the template as the name of a variable: ``API_CLIENT_ACME_SECRET``."""
    name = re.sub(r"[^A-Za-z0-9_]", "_", filled(template, address)).upper()
    return f"_{name}" if name[:1].isdigit() else name


def _values(address: Address) -> Mapping[str, str]:
    return {"kind": address.kind, "organization": address.names[0], "name": ".".join(address.identity)}
