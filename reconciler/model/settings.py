"""The settings in ``reconciler.yaml``: which environments there are, and where their systems and manifests are."""

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from reconciler.model.expectations import Authority, DpaRequirement, Expectations, Guards, IgnoredField, People
from reconciler.model.policy import Policy
from reconciler.model.scalars import REALM_PATTERN, Slug, Text, broken
from reconciler.model.sinks import Sink
from reconciler.model.strict import Strict, several
from reconciler.model.strict import Strict as _Strict
from reconciler.model.url import http_parts


class Channel(StrEnum):
    """Name the forms of a notification; closed."""

    SLACK = "slack"
    WEBHOOK = "webhook"


class Notification(Strict):
    """Somebody who is told when what `drift` finds changes."""

    kind: Channel
    """`slack` for Slack and what accepts its messages (Mattermost, Rocket.Chat), `webhook` for a JSON document."""
    url_from: Annotated[str, Field(pattern=r"^[A-Z_][A-Z0-9_]*$", max_length=100, examples=["SLACK_WEBHOOK_URL"])]
    """The environment variable that holds the URL: whoever knows the URL can write there, so it is a secret."""
    required: bool = False
    """Whether a notification that could not be delivered is an error (exit code 1)."""


def _without_credentials(url: str) -> str:
    parts = http_parts(url)
    if parts is None or parts.query or parts.fragment:
        raise broken("The value is not the URL of a server.", "Write one such as https://idp.example.com.")
    if "@" in parts.netloc:
        raise broken(
            "The URL carries a user or a password: secrets do not belong in this file.",
            "Write it without, and set KEYCLOAK_USER and KEYCLOAK_PASSWORD in the environment.",
        )
    return url


def _database(url: str) -> str:
    if url != "none" and not url.startswith(("sqlite:///", "postgresql://")):
        raise broken(
            "The value is not the URL of a database.", "Write postgresql://HOST/DATABASE, sqlite:///PATH or none."
        )
    if "@" in url.partition("://")[2].partition("/")[0]:
        raise broken(
            "The URL carries a user or a password: secrets do not belong in this file.",
            "Write it without, and set PGUSER and PGPASSWORD, or RECONCILER_HISTORY, in the environment.",
        )
    return url


Database = Annotated[Text, AfterValidator(_database), Field(examples=["postgresql://history.example.com/reconciler"])]
Url = Annotated[Text, AfterValidator(_without_credentials), Field(examples=["https://idp.example.com"])]
Paths = Annotated[
    tuple[Text, ...],
    BeforeValidator(several),
    Field(min_length=1),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}),
]


class KeycloakSettings(_Strict):
    """Where the environment's Keycloak is."""

    url: Url | None = None
    """Keycloak's URL. A run is refused where KEYCLOAK_URL names another server."""
    realm: Annotated[str, Field(pattern=REALM_PATTERN, max_length=64)] | None = None
    """The managed realm. A run is refused where NT24_REALM names another one."""


class ApiSettings(_Strict):
    """Where the environment's NT24 Integration API is."""

    url: Url | None = None
    """The API's URL. A run is refused where NT24_API_URL names another server."""


class KeycloakFields(_Strict):
    """What of Keycloak's own fields is not compared."""

    ignore: tuple[IgnoredField, ...] = ()
    """Fields of organizations and clients that are left as they are for a while: what a new release of Keycloak, or a
    client policy of the realm, has added."""


class Environment(_Strict):
    """One environment: its live systems, its manifests, and what it changes in them."""

    default: bool = False
    """Whether it is meant where `--env` names none."""
    keycloak: KeycloakSettings = KeycloakSettings()
    """Where the environment's Keycloak is."""
    api: ApiSettings = ApiSettings()
    """Where the environment's NT24 Integration API is."""
    manifests: Paths = (".",)
    """The folder or file with the manifests, or several of them, relative to this file."""
    allow_empty: bool = False
    """Whether there may be no manifest at all, as when the last organization is retired: what is still managed is then
    planned for deletion. Without it, a folder without manifests is an error."""
    overlays: Text | None = None
    """A folder with overlays, what the environment changes in the manifests, relative to this file."""
    owner: Text | None = None
    """The name in our marks. A run is refused where RECONCILER_OWNER is another one."""
    history: Database | None = None
    """Where runs are recorded, `none` for nowhere. A run is refused where RECONCILER_HISTORY names another place."""
    sink: Slug | None = None
    """Where secrets go unless `--sink` says otherwise: one of `sinks`. A run is refused where RECONCILER_SINK is
    another one."""
    notifications: Annotated[tuple[Notification, ...], BeforeValidator(several)] = ()
    """Whom `drift` tells when what it finds changes."""
    dpa: DpaRequirement | None = None
    """The version of the Data Processing Agreement that NT24 requires here; the one below `dpa` without it."""
    people: People = People.SHARED
    """Whether organizations are shared with people, where their manifests do not say it."""
    authority: Authority = Authority()
    """Who decides a field of organizations: the manifest, which is the default, or the platform."""
    guards: Guards = Guards()
    """From where on a plan deletes, suspends or disables too much for one `apply`."""
    keycloak_fields: KeycloakFields = KeycloakFields()
    """What of Keycloak's own fields is not compared."""


class Settings(_Strict):
    """The settings of a repository of manifests; they hold no secret."""

    environments: Annotated[dict[Slug, Environment], Field(min_length=1)]
    """The environments by name."""
    sinks: dict[Slug, Sink] = Field(default_factory=dict)
    """Where secrets can go, by name."""
    dpa: DpaRequirement | None = None
    """The version of the Data Processing Agreement that NT24 requires, in environments that say none themselves."""
    policies: tuple[Policy, ...] = ()
    """Rules that deny a change, or ask for a label or an approval."""

    def expected_in(self, name: str) -> Expectations:
        """Return what the environment of that name says of how plans are made."""
        said = self.environments[name]
        return Expectations(
            said.authority.of_platform, said.dpa or self.dpa, said.guards, said.people, said.keycloak_fields.ignore,
            said.allow_empty,
        )  # fmt: skip
