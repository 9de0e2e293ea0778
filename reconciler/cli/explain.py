"""``reconciler explain``: what a key of a manifest, or of the settings, means."""

import click

from reconciler.cli import options
from reconciler.cli.command import CliCommand


def _keys(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    from reconciler.app.explain import every_key

    return [each.key for each in every_key() if each.key.lower().startswith(incomplete.lower())]


@click.command(cls=CliCommand)
@click.argument("key", metavar="[KEY]", required=False, shell_complete=_keys)
@options.as_json
def explain(*, key: str | None, as_json: bool) -> None:
    """Explain a key of a manifest or of reconciler.yaml, or a field of an object in Keycloak, without any server.

    KEY begins with organization, client, webhook, identity-provider, realm or settings: client.accessTokenLifespan,
    organization.capabilities, client.redirectUris, settings.environments. The end of it is enough where only one key
    ends so. Without KEY, it lists where keys begin.
    """
    from reconciler.app.explain import explained, roots
    from reconciler.review.explanation_text import explanation_json, explanation_text, roots_text

    if key is None:
        found = roots()
        click.echo(explanation_json(found) if as_json else roots_text(found), nl=False)
        return
    one = explained(key)
    click.echo(explanation_json(one) if as_json else explanation_text(one), nl=False)
