"""``reconciler init``: make a new repository of manifests."""

from pathlib import Path
from typing import Final

import click

from reconciler.cli.diagnostics import say
from reconciler.model.layout import DEFAULT_REALM

_PARTS: Final = ("github", "gitlab", "atlantis", "systemd", "kubernetes", "container")


@click.command()
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--with", "parts", type=click.Choice(_PARTS), multiple=True,
    help="Also what runs it there: plan on review, apply on merge, and a schedule for drift. Repeatable.",
)  # fmt: skip
@click.option(
    "--keycloak-url", default="https://keycloak.example", show_default=True, help="Keycloak's URL, for reconciler.yaml."
)
@click.option(
    "--api-url", default="https://api.example", show_default=True,
    help="The NT24 Integration API's URL, for reconciler.yaml.",
)  # fmt: skip
@click.option("--realm", default=DEFAULT_REALM, show_default=True, help="The realm that is managed.")
@click.option("--action", metavar="REF", help="The GitHub Action that the workflows use: OWNER/REPOSITORY@REVISION.")
@click.option("--overwrite", is_flag=True, help="Replace files that exist.")
def init(
    folder: Path,
    parts: tuple[str, ...],
    keycloak_url: str,
    api_url: str,
    realm: str,
    action: str | None,
    *,
    overwrite: bool,
) -> None:
    """Make a new repository of manifests in DIR: settings, an example, JSON Schemas, editor and hooks.

    Nothing is asked of any server. Files that exist are kept, so that a part can be added later.
    """
    from reconciler._version import __version__
    from reconciler.adapters.manifest_files import write_files
    from reconciler.adapters.starter import Part, starter_files
    from reconciler.manifest.overlay_schema import overlay_schema_text
    from reconciler.manifest.schema import manifest_schema_text
    from reconciler.manifest.settings import read_settings, settings_schema_text

    values = {
        "KEYCLOAK_URL": keycloak_url,
        "API_URL": api_url,
        "REALM": realm,
        "VERSION": __version__,
        "ACTION": action or f"novatrade24/nt24-reconciler@v{__version__}",
    }
    texts = starter_files(tuple(map(Part, parts)), values) | {
        "schema/manifest.schema.json": manifest_schema_text(),
        "schema/overlay.schema.json": overlay_schema_text(),
        "schema/settings.schema.json": settings_schema_text(),
    }
    # A URL or a realm that makes no sense is told before anything is written.
    read_settings("reconciler.yaml", texts["reconciler.yaml"])
    for name, text in texts.items():
        path = folder / name
        if path.exists() and not overwrite:
            click.echo(f"Kept {path.as_posix()}, which exists")
            continue
        write_files(path.parent, {path.name: text}, "Name another folder: reconciler init DIR.")
        click.echo(f"Wrote {path.as_posix()}")
    say("Next: copy organizations/example.yaml.txt, or run: reconciler import --out organizations", "hint")
