# Policies for OPA or conftest, on what `reconciler plan --json` prints (schema/plan.schema.json):
#
#   reconciler plan --out plan.json
#   conftest test --policy examples/policy plan.json
#   opa eval --fail-defined -d examples/policy -i plan.json 'data.main.deny[_]'

package main

import rego.v1

# A plan that was made without seeing everything proves nothing.
deny contains "The plan is not complete." if {
	not input.complete
}

# Many partners at once are more likely a lost file than a decision.
deny contains msg if {
	some resource in input.resource_changes
	some field in resource.change.field_changes
	field.path == "authorizedPartners"
	gone := {uuid | some uuid in items(field.before)} - {uuid | some uuid in items(field.after)}
	count(gone) > 2
	msg := sprintf("%s: %d partners are removed at once.", [resource.address, count(gone)])
}

# Who may read personal data is labelled for the data-protection officer.
deny contains msg if {
	some resource in input.resource_changes
	some field in resource.change.field_changes
	field.risk.code == "personal-data-allowed"
	not resource.labels["personal-data"]
	msg := sprintf("%s: %s The label personal-data is missing.", [resource.address, field.risk.why])
}

# High risks are shown, so that a reviewer does not miss them.
warn contains msg if {
	some resource in input.resource_changes
	resource.change.risk.level == "high"
	msg := sprintf("%s: %s", [resource.address, resource.change.risk.why])
}

items(value) := value if is_array(value)

items(value) := [] if not is_array(value)
