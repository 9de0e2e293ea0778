"""``reconciler schema``: the JSON Schema of manifests, plans and diagnoses."""

from pathlib import Path

import click

from reconciler.cli import options
from reconciler.cli.command import CliCommand
from reconciler.model.errors import WrongUsage


@click.command(cls=CliCommand)
@click.argument("what", type=click.Choice(["manifest", "overlay", "settings", "plan", "diagnosis"]), default="manifest")
@click.option("--out", type=options.FILE, help="Write to this file instead of stdout.")
def schema(what: str, out: Path | None) -> None:
    """Print the JSON Schema of a manifest, an overlay or reconciler.yaml; or of what plan or doctor print as JSON.

    An editor with the YAML language server completes and checks a manifest that starts with the line
    "# yaml-language-server: $schema=PATH".
    """
    from reconciler.manifest.schema import manifest_schema_text, overlay_schema_text
    from reconciler.manifest.settings_file import settings_schema_text
    from reconciler.review.diagnosis_json import diagnosis_schema_text
    from reconciler.review.plan_schema import plan_schema_text

    text = {
        "manifest": manifest_schema_text,
        "overlay": overlay_schema_text,
        "settings": settings_schema_text,
        "plan": plan_schema_text,
        "diagnosis": diagnosis_schema_text,
    }[what]()
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        reason = f"{out} cannot be written: {(error.strerror or str(error)).lower()}."
        raise WrongUsage(reason, remedy="Name a file in a folder that exists: --out FILE.") from error
