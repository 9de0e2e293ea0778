"""``reconciler explain``: what a key of a manifest, or of the settings, means; or a code that an output prints."""

import click

from reconciler.cli import options
from reconciler.cli.command import CliCommand


def _known(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    from reconciler.app.codes import every_code
    from reconciler.app.explain import every_key

    names = dict.fromkeys((*(each.key for each in every_key()), *(each.code for each in every_code())))
    return [each for each in names if each.lower().startswith(incomplete.lower())]


# A guard's code is the option that it asks for: explain --allow-delete.
@click.command(cls=CliCommand, context_settings={"ignore_unknown_options": True})
@click.argument("key", metavar="[KEY|CODE]", required=False, shell_complete=_known)
@options.as_json
@options.without_effect("--recursive", is_flag=True)
def explain(*, key: str | None, as_json: bool) -> None:
    """Explain a key of a manifest or of reconciler.yaml, a field of an object in Keycloak, or a code, offline.

    KEY begins with organization, client, webhook, identity-provider, realm or settings: client.accessTokenLifespan,
    organization.capabilities, client.redirectUris, settings.environments. The end of it is enough where only one key
    ends so. Without KEY, it lists where keys begin.

    CODE is one that an output prints: of a finding (secret-lost), a risk (client-disabled), a cause that doctor names,
    a reason or status, an event or error of --log-format json, the option that a guard asks for (--force), or an exit
    code (6).
    """
    from reconciler.app.codes import explained_name
    from reconciler.app.explain import roots
    from reconciler.review.explanation_text import codes_text, explanation_json, explanation_text, roots_text

    if key is None:
        found = roots()
        click.echo(explanation_json(found) if as_json else roots_text(found), nl=False)
        return
    one, codes = explained_name(key)
    if as_json:
        click.echo(explanation_json(one or codes), nl=False)
        return
    click.echo(
        "\n".join((*([explanation_text(one)] if one else ()), *([codes_text(codes)] if codes else ()))), nl=False
    )
