"""Profiles, groups of partners and CSV files: what an organization is, and where each of its values comes from."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from reconciler.adapters.recording_file import text_files
from reconciler.cli.diff import diff
from reconciler.manifest.load import load, load_texts, load_what_is_valid
from reconciler.manifest.write import resolved_text
from reconciler.model.address import Address
from reconciler.model.errors import ManifestError
from reconciler.model.manifest import IntegrationOrganization
from tests.repository import Repo
from tests.unit.manifest.builders import NOW, an_organization_text

NORTH, SOUTH, WEST = (f"3b0d6f0a-6c1e-4d5b-8f57-2f6f5c0c9a1{digit}" for digit in "123")
OVERLAY = "apiVersion: reconciler/v1\nkind: OrganizationOverlay\nmetadata: {name: acme}\n"
DPA = "{version: 2026-01, acceptedAt: 2026-01-15T10:00:00Z}"


def a_document(kind: str, name: str, spec: object) -> str:
    return json.dumps({"apiVersion": "reconciler/v1", "kind": kind, "metadata": {"name": name}, "spec": spec})


def loaded(*documents: str, overlay: str = "", **files: str) -> IntegrationOrganization:
    """Return the only organization of documents in one file, beside CSV files."""
    texts = {"all.yaml": "\n---\n".join(documents), **{f"{name}.csv": text for name, text in files.items()}}
    (found,) = load_texts(texts, {"overlay.yaml": overlay} if overlay else None).desired.organizations
    return found


def partners_of(organization: IntegrationOrganization) -> list[str]:
    return [str(partner.uuid) for partner in organization.spec.authorized_partners]


SAID = st.none() | st.integers(60, 3600)
TIERS = st.none() | st.sampled_from(["STANDARD", "HIGH_VOLUME", "ENTERPRISE"])
NAMED = st.sets(st.sampled_from([NORTH, SOUTH, WEST]))


@given(profile=TIERS, manifest=TIERS, overlay=TIERS, removes=st.booleans())
def test_the_overlay_comes_after_the_manifest_and_that_after_the_profile(
    profile: str | None, manifest: str | None, overlay: str | None, removes: bool
) -> None:
    def tier(name: str | None) -> dict[str, object]:
        return {"allowMultiVinOrders": True} if name is None else {"rateLimitTier": name}

    patch = {"capabilities": {"rateLimitTier": None} if removes else tier(overlay)}
    organization = loaded(
        a_document("Profile", "usual", {"capabilities": tier(profile)}),
        an_organization_text("acme", spec=f"  profile: usual\n  capabilities: {json.dumps(tier(manifest))}\n"),
        overlay=OVERLAY + f"spec: {json.dumps(patch)}\n",
    )

    said = [name for name in (overlay, manifest, profile, "STANDARD") if name is not None]
    assert organization.spec.capabilities.rate_limit_tier == ("STANDARD" if removes else said[0])


@pytest.mark.parametrize("key", ["dpa", "secretRotation"])
def test_what_belongs_together_is_of_one_document(key: str) -> None:
    """An acceptance of one version, by one person, at one time, is no other one's."""
    profile = {
        "dpa": {"version": "2026-01", "acceptedAt": "2026-01-15T10:00:00Z", "evidence": "parent.pdf"},
        "secretRotation": {"maxAge": "90d", "overlap": "1d"},
    }
    own = {
        "dpa": {"version": "2026-02", "acceptedAt": "2026-02-15T10:00:00Z"},
        "secretRotation": {"maxAge": "60d", "overlap": "2d"},
    }
    first = next(iter(own[key]))

    def organization(spec: dict[str, object]) -> IntegrationOrganization:
        said = json.dumps({key: spec})[1:-1]
        return loaded(
            a_document("Profile", "usual", {key: profile[key]}),
            an_organization_text("acme", spec=f"  profile: usual\n  {said}\n"),
        )

    found = organization(dict(own[key])).spec.model_dump(mode="json", by_alias=True, exclude_none=True)[key]
    assert first in found
    assert "evidence" not in found
    with pytest.raises(ManifestError):
        organization({first: own[key][first]})


@given(profile=SAID, manifest=SAID, overlay=SAID, is_new=st.booleans())
def test_client_defaults_hold_for_each_client_that_says_nothing_else(
    profile: int | None, manifest: int | None, overlay: int | None, is_new: bool
) -> None:
    def lifespan(number: int | None) -> dict[str, object]:
        return {} if number is None else {"accessTokenLifespan": number}

    name = {"clientId": "api-client-acme"}
    added = {"$patch": "add"} if is_new else {}
    clients = [] if is_new else [name | lifespan(manifest)]
    organization = loaded(
        a_document("Profile", "usual", {"clientDefaults": lifespan(profile)}),
        an_organization_text("acme", spec=f"  profile: usual\n  clients: {json.dumps(clients)}\n"),
        overlay=OVERLAY + f"spec: {json.dumps({'clients': [name | added | lifespan(overlay)]})}\n",
    )

    said = [number for number in (overlay, None if is_new else manifest, profile, 300) if number is not None]
    assert [client.access_token_lifespan for client in organization.spec.clients] == [said[0]]


@given(own=NAMED, listed=NAMED, one=NAMED, other=NAMED)
def test_an_organization_has_the_partners_of_all_its_sources_once(
    own: set[str], listed: set[str], one: set[str], other: set[str]
) -> None:
    def items(names: set[str]) -> list[dict[str, str]]:
        return [{"uuid": name.upper()} for name in sorted(names)]

    said = json.dumps([{"group": "one"}, *items(own), {"group": "other"}])
    organization = loaded(
        a_document("PartnerGroup", "one", {"partners": items(one)}),
        a_document("PartnerGroup", "other", {"partnersFrom": "other.csv"}),
        an_organization_text("acme", spec=f"  authorizedPartners: {said}\n  partnersFrom: own.csv\n"),
        other="\n".join(["uuid", *sorted(other)]),
        own="\n".join(["uuid", *sorted(listed - own)]),
    )

    assert partners_of(organization) == sorted(own | listed | one | other)


def test_an_overlay_adds_and_removes_groups_and_names_another_profile() -> None:
    documents = (
        a_document("PartnerGroup", "one", {"partners": [{"uuid": NORTH}]}),
        a_document("PartnerGroup", "other", {"partners": [{"uuid": SOUTH}]}),
        a_document("Profile", "usual", {"capabilities": {"allowMultiVinOrders": True}}),
        a_document("Profile", "small", {"capabilities": {"allowMarketplaceLedKyc": True}}),
        an_organization_text("acme", spec="  profile: usual\n  authorizedPartners: [{group: one}]\n"),
    )
    patch = "spec: {profile: small, authorizedPartners: [{group: one, $patch: delete}, {group: other, $patch: add}]}"

    changed, same = loaded(*documents, overlay=OVERLAY + patch), loaded(*documents)

    assert (partners_of(same), partners_of(changed)) == ([NORTH], [SOUTH])
    assert (same.spec.capabilities.allow_multi_vin_orders, changed.spec.capabilities.allow_multi_vin_orders) == (
        True,
        False,
    )
    assert changed.spec.capabilities.allow_marketplace_led_kyc


def test_what_the_manifest_says_of_a_partner_wins_over_its_group() -> None:
    organization = loaded(
        a_document("PartnerGroup", "one", {"partners": [{"uuid": NORTH, "name": "Of the group", "country": "NO"}]}),
        an_organization_text(
            "acme", spec=f"  authorizedPartners: [{{group: one}}, {{uuid: {NORTH}, name: Of the manifest}}]\n"
        ),
    )

    (partner,) = organization.spec.authorized_partners
    assert (partner.name, partner.country) == ("Of the manifest", None)


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")


def test_the_resolved_text_says_which_other_file_says_a_value(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    spec = f"  profile: usual\n  authorizedPartners: [{{group: one}}, {{uuid: {SOUTH}, name: a}}]\n  dpa: {DPA}\n"
    write(tmp_path, "m/acme.yaml", an_organization_text("acme", spec=spec + "  clients: [{clientId: api-client-a}]\n"))
    write(
        tmp_path,
        "m/shared.yaml",
        "apiVersion: reconciler/v1\nkind: Profile\nmetadata: {name: usual}\nspec:\n"
        "  clientDefaults: {accessTokenLifespan: 77, serviceAccountRoles: [b, a]}\n"
        "---\napiVersion: reconciler/v1\nkind: PartnerGroup\nmetadata: {name: one}\nspec: {partnersFrom: one.csv}\n",
    )
    write(tmp_path, "m/one.csv", f"name,uuid\na,{NORTH}\n")
    write(tmp_path, "o/acme.yaml", OVERLAY + "spec:\n  suspended: true\n")

    found = load([Path("m")], overlays=Path("o"), now=NOW)
    text = resolved_text(found.desired, found.sources)

    pairs = (line.strip().split("  # ") for line in text.splitlines() if "  # " in line)
    told = {place: value for value, place in pairs}
    assert told == {
        "m/one.csv:2": f"- {{uuid: {NORTH}, name: a}}",
        "m/shared.yaml:5": "serviceAccountRoles:",
        "o/acme.yaml:5": "suspended: true",
    }
    assert "accessTokenLifespan: 77  # m/shared.yaml:5" in text
    assert load_texts({"all.yaml": text}, None).desired == found.desired


def test_a_changed_group_shows_every_organization_that_it_touches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file of partners is that of the revision, wherever in the repository it lies, and is told as the place."""
    monkeypatch.chdir(tmp_path)
    repo = Repo(tmp_path)
    group = "spec: {partnersFrom: ../lists/one.csv}"
    repo.write("m/shared.yaml", f"apiVersion: reconciler/v1\nkind: PartnerGroup\nmetadata: {{name: one}}\n{group}\n")
    repo.write("lists/one.csv", f"uuid,name\n{NORTH},Nord\n")
    for digit, name in enumerate(("acme", "beta", "gamma")):
        uses = "  authorizedPartners: [{group: one}]\n" if name != "gamma" else ""
        repo.write(f"m/{name}.yaml", an_organization_text(name, number=digit, spec=uses))
    repo.commit()
    repo.write("lists/one.csv", f"uuid,name\n{SOUTH},Syd\n")
    repo.commit()
    repo.write("lists/one.csv", "what the work tree says is no matter")

    result = CliRunner().invoke(diff, ["HEAD~1..HEAD", "-f", "m", "--json"], catch_exceptions=False)

    document = json.loads(result.output)
    assert [part["address"] for part in document["resource_changes"]] == ["organization/acme", "organization/beta"]
    place = document["places"]["organization/beta"][f"authorizedPartners[{SOUTH}]"]
    assert (place["file"], place["line"]) == ("lists/one.csv", 2)
    shown = CliRunner().invoke(diff, ["HEAD~1..HEAD", "-f", "m"], catch_exceptions=False).output
    assert "# from lists/one.csv:2" in shown


@pytest.mark.parametrize(
    ("broken", "text"),
    [
        ("m/shared.yaml", a_document("PartnerGroup", "one", {"partners": [{"uuid": "x"}]})),
        ("m/one.csv", "uuid\nx\n"),
        ("m/one.csv", "name\nx\n"),
    ],
)
def test_what_stands_on_something_invalid_is_not_known(tmp_path: Path, broken: str, text: str) -> None:
    """Nothing may be planned for it, as if its partners were gone."""
    write(tmp_path, "m/shared.yaml", a_document("PartnerGroup", "one", {"partnersFrom": "one.csv"}))
    write(tmp_path, "m/one.csv", f"uuid\n{NORTH}\n")
    write(tmp_path, "m/acme.yaml", an_organization_text("acme", spec="  authorizedPartners: [{group: one}]\n"))
    write(tmp_path, "m/beta.yaml", an_organization_text("beta", number=2))
    write(tmp_path, broken, text)

    partial = load_what_is_valid([tmp_path / "m"])

    assert partial.broken == {Address.organization("acme")}
    assert partial.is_known
    assert [each.name for each in partial.loaded.desired.organizations] == ["beta"]


def test_a_link_does_not_lead_out_of_the_repository(tmp_path: Path) -> None:
    outside = tmp_path / "outside.csv"
    outside.write_text(f"uuid\n{NORTH}\n", encoding="utf-8")
    Repo(tmp_path / "repo")
    write(tmp_path, "repo/acme.yaml", an_organization_text("acme", spec="  partnersFrom: link.csv\n"))
    (tmp_path / "repo/link.csv").symlink_to(outside)

    with pytest.raises(ManifestError) as caught:
        load([tmp_path / "repo"], now=NOW)

    (problem,) = caught.value.problems
    assert "it lies outside of the repository" in problem.message


def test_a_recording_keeps_the_files_of_partners(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "m/acme.yaml", an_organization_text("acme", spec="  partnersFrom: lists/a.csv\n"))
    write(tmp_path, "m/lists/a.csv", f"uuid\n{NORTH}\n")

    kept = {each.name: each.text for each in text_files([Path("m")])}

    assert load_texts(kept, None).desired == load([Path("m")], now=NOW).desired


@pytest.mark.parametrize("odd", ["\u2028", "\x85", "\x0b", "\x0c", "\x1c", "\r", "\x00"])
def test_no_line_of_a_csv_file_hides_another(odd: str) -> None:
    with pytest.raises(ManifestError) as caught:
        loaded(
            an_organization_text("acme", spec="  partnersFrom: a.csv\n"), a=f"uuid,name\n{NORTH},Good{odd}{SOUTH},x\n"
        )
    (problem,) = caught.value.problems
    assert (problem.file, problem.line) == ("a.csv", 2)


def test_lines_of_a_csv_file_may_end_as_windows_ends_them() -> None:
    assert partners_of(
        loaded(an_organization_text("acme", spec="  partnersFrom: a.csv\n"), a=f"uuid\r\n{NORTH}\r\n{SOUTH}\r\n")
    ) == [NORTH, SOUTH]
