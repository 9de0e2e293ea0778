"""``reconciler schema``: the JSON Schema of manifests, plans and diagnoses."""

from pathlib import Path

import click


@click.command()
@click.argument("what", type=click.Choice(["manifest", "overlay", "settings", "plan", "diagnosis"]), default="manifest")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file, not to stdout.")
def schema(what: str, out: Path | None) -> None:
    """Print the JSON Schema of a manifest, an overlay or reconciler.yaml; or of what plan or doctor print as JSON.

    An editor with the YAML language server completes and checks a manifest that starts with the line
    "# yaml-language-server: $schema=PATH".
    """
    text = _text(what)
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        from reconciler.model.errors import WrongUsage

        reason = f"{out} cannot be written: {(error.strerror or str(error)).lower()}."
        raise WrongUsage(reason, remedy="Name a file in a folder that exists: --out FILE.") from error


def _text(what: str) -> str:
    if what == "plan":
        from reconciler.review.plan_schema import plan_schema_text

        return plan_schema_text()
    if what == "diagnosis":
        from reconciler.review.diagnosis_json import diagnosis_schema_text

        return diagnosis_schema_text()
    if what == "settings":
        from reconciler.manifest.settings_file import settings_schema_text

        return settings_schema_text()
    if what == "overlay":
        from reconciler.manifest.overlay_schema import overlay_schema_text

        return overlay_schema_text()
    from reconciler.manifest.schema import manifest_schema_text

    return manifest_schema_text()
