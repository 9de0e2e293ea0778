"""Ten thousand organizations: what the whole process needs of memory, by the operating system's own account."""

import os
import sys
from pathlib import Path

import pytest

from reconciler.manifest.write import manifest_text
from reconciler.model.manifest import IntegrationOrganization
from reconciler.sandbox.lifecycle import Running
from scripts.many_organizations import ManyOrganizations, serving
from scripts.peak import measured
from tests.builders import a_partner, a_realm, a_uuid, an_organization, desired
from tests.e2e import live

pytestmark = pytest.mark.e2e

MANY = 10_000
PER_FILE = 500
BOUND = 500 * 1_000_000
WITHOUT_ANY = 150 * 1_000_000
"""Of the bound, what is there for the program itself; the rest is shared equally by the organizations."""


def declared(folder: Path, count: int) -> tuple[IntegrationOrganization, ...]:
    """Write as many manifests, and return them."""
    manifests = tuple(an_organization(f"many-{number:05}", partners=[a_partner()]) for number in range(count))
    like = manifests[0]
    # Writing one manifest carefully takes longer than copying it ten times.
    text = manifest_text(like)
    texts = [
        text.replace(like.name, each.name)
        .replace(like.name.title(), each.name.title())
        .replace(str(a_uuid(like.name)), str(a_uuid(each.name)))
        for each in manifests
    ]
    for first in range(0, count, PER_FILE):
        (folder / f"many-{first:05}.yaml").write_text("---\n".join(texts[first : first + PER_FILE]), encoding="utf-8")
    return manifests


@pytest.mark.parametrize("count", [MANY // 10, pytest.param(MANY, marks=pytest.mark.scale)])
def test_a_plan_of_ten_thousand_organizations_fits_in_500_mb(
    sandbox: Running, no_realm: str, tmp_path: Path, count: int
) -> None:
    """A tenth of them in their share of it, in the sample."""
    realm = a_realm(no_realm)
    manifests = declared(tmp_path, count)
    (tmp_path / "realm.yaml").write_text(manifest_text(realm), encoding="utf-8")
    for wanted in (desired(realm=realm), desired(manifests[0], realm=realm)):
        assert live.apply(sandbox, live.plan(sandbox, wanted)).is_complete

    with serving(ManyOrganizations(sandbox.keycloak_url, no_realm, manifests, "reconciler")) as stand_in:
        environment = {
            "PATH": os.environ["PATH"],
            "XDG_STATE_HOME": str(tmp_path / ".state"),
            "KEYCLOAK_URL": stand_in.url,
            "KEYCLOAK_USER": sandbox.admin_user,
            "KEYCLOAK_PASSWORD": sandbox.admin_password,
            "NT24_REALM": no_realm,
        }
        plan = (sys.executable, "-m", "reconciler", "plan", "--no-effective", "-f", str(tmp_path))
        done = measured(plan, environment)

    assert (done.exit_code, "No changes." in done.stdout) == (0, True), done.stdout[-2000:] + done.stderr[-2000:]
    assert done.peak < WITHOUT_ANY + (BOUND - WITHOUT_ANY) * count // MANY
