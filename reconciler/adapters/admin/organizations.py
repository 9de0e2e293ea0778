"""Organizations, their members and identity providers."""

from keycloak import KeycloakAdmin

from reconciler.adapters.admin.one_request import created, got, listed, sent, through
from reconciler.adapters.admin.realm_admin import RealmAdmin, having
from reconciler.adapters.tape import read
from reconciler.model.value import Representation


class OrganizationEndpoints(RealmAdmin):
    """Organizations, their members and identity providers."""

    organizations = listed("/organizations", having("id", "alias"), briefRepresentation=False)
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
    async def find_organization(self, alias: str) -> Representation | None:
        # Keycloak searches by name and domain only, so all are read.
        found: tuple[Representation, ...] = await self.organizations()
        return next((rep for rep in found if rep["alias"] == alias), None)

    async def add_member(self, organization_id: str, user_id: str) -> None:
        await self.through(KeycloakAdmin.a_organization_user_add, user_id, organization_id)

    async def remove_member(self, organization_id: str, user_id: str) -> None:
        await self.through(KeycloakAdmin.a_organization_user_remove, user_id, organization_id)
