"""Organizations, their members and identity providers."""

from typing import Final

from keycloak import KeycloakAdmin

from reconciler.adapters.admin.one_request import created, got, listed, sent, through
from reconciler.adapters.admin.realm_admin import RealmAdmin, having
from reconciler.adapters.tape import read
from reconciler.model.errors import WrongServer
from reconciler.model.value import Representation

_ATTRIBUTES: Final = "attributes"
"""What a whole organization has, be it empty, and a brief one has not (measured on each minor release of 26)."""


class OrganizationEndpoints(RealmAdmin):
    """Organizations, their members and identity providers."""

    _means_brief_by_full = False

    organization = got("/organizations/{}")
    create_organization = created("/organizations", "find_organization", "alias")
    update_organization = through(KeycloakAdmin.a_update_organization)
    delete_organization = through(KeycloakAdmin.a_delete_organization)

    members = listed("/organizations/{}/members", briefRepresentation=False)
    organizations_of = got(
        "/organizations/members/{}/organizations", lambda found: tuple(sorted(each["alias"] for each in found)), list
    )

    # A Keycloak that does not know groups of organizations, or does not keep invitations, has none.
    organization_groups = listed("/organizations/{}/groups", or_none=True)
    delete_organization_group = sent("DELETE", "/organizations/{}/groups/{}")
    organization_subgroups = listed("/organizations/{}/groups/{}/children")
    organization_group_members = listed("/organizations/{}/groups/{}/members")
    leave_organization_group = sent("DELETE", "/organizations/{}/groups/{}/members/{}")
    invitations = listed("/organizations/{}/invitations", or_none=True)
    delete_invitation = sent("DELETE", "/organizations/{}/invitations/{}")

    identity_providers = listed("/identity-provider/instances")
    identity_provider = got("/identity-provider/instances/{}")
    create_identity_provider = sent("POST", "/identity-provider/instances")
    # Keycloak keeps a secret that is sent as it shows it: as asterisks.
    update_identity_provider = sent("PUT", "/identity-provider/instances/{}")
    link_identity_provider = sent("POST", "/organizations/{}/identity-providers")
    unlink_identity_provider = sent("DELETE", "/organizations/{}/identity-providers/{}")

    @read
    async def organizations(self) -> tuple[Representation, ...]:
        found = await self._organizations(brief=self._means_brief_by_full)
        if found and not any(_ATTRIBUTES in each for each in found):
            # 26.0 and 26.1 take the parameter the other way round (measured on 26.0.8 and 26.1.4).
            self._means_brief_by_full = not self._means_brief_by_full
            found = await self._organizations(brief=self._means_brief_by_full)
        if any(_ATTRIBUTES not in each for each in found):
            raise WrongServer(
                f"{self.http.system} lists organizations without their attributes, whatever it is asked.",
                remedy="The releases that are supported, from 26.0 on, list them: see README, Releases of Keycloak.",
            )
        return found

    async def _organizations(self, *, brief: bool) -> tuple[Representation, ...]:
        return await self.listed("/organizations", having("id", "alias"), briefRepresentation=brief)

    @read
    async def find_organization(self, alias: str) -> Representation | None:
        # Keycloak searches by name and domain only, so all are read.
        found: tuple[Representation, ...] = await self.organizations()
        return next((rep for rep in found if rep["alias"] == alias), None)

    async def add_member(self, organization_id: str, user_id: str) -> None:
        await self.through(KeycloakAdmin.a_organization_user_add, user_id, organization_id)

    async def remove_member(self, organization_id: str, user_id: str) -> None:
        await self.through(KeycloakAdmin.a_organization_user_remove, user_id, organization_id)
