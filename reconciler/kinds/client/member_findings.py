"""Findings about who a member is: clients that no manifest declares, and users that pass for a service account."""

from collections.abc import Iterator

from reconciler.kinds.client.rows import undeclared_members
from reconciler.kinds.organization.members import impostors
from reconciler.kinds.situation import Situation
from reconciler.model.address import Address
from reconciler.model.finding import Code, FieldStatus, Finding, Severity
from reconciler.model.layout import service_account_of


def membership_findings(situation: Situation) -> Iterator[Finding]:
    """Yield the clients of others whose service accounts belong to a declared organization."""
    for member in undeclared_members(situation.desired, situation.snapshot):
        address = Address.organization(member.alias)
        if member.owner is None:
            yield Finding(
                address,
                Code.UNMANAGED_MEMBER,
                Severity.WARNING,
                FieldStatus.DRIFTED,
                f"The service account of {member.client_id}, which no manifest declares, is a member.",
                f"Declare {member.client_id} in the manifest of {member.alias}, or take it out of the organization.",
            )
        # What is ours and not declared any more has a change of its own.
        elif member.owner != situation.owner:
            yield Finding(
                address,
                Code.MEMBER_OF_OTHER_OWNER,
                Severity.INFO,
                FieldStatus.IN_SYNC,
                f"The service account of {member.client_id}, managed by the reconciler '{member.owner}', is a member.",
                "No action is needed if that is intended.",
            )


def impostor_findings(situation: Situation) -> Iterator[Finding]:
    """Yield the declared clients whose service account cannot be made, because a user of another kind has its name."""
    found = impostors(situation.snapshot)
    for _, client, address in situation.clients():
        if (name := service_account_of(client.client_id).lower()) in found:
            yield Finding(
                address,
                Code.SERVICE_ACCOUNT_IMPOSTOR,
                Severity.ERROR,
                FieldStatus.DRIFTED,
                f"The user {name} is not a service account: the client gets no tokens, and whoever logs in as that "
                "user can impersonate it.",
                "Find out who created that user, delete or rename it in Keycloak, then apply.",
            )
