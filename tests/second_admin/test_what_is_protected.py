"""What a tenant's access policies protect, against what Microsoft documents of them."""

from __future__ import annotations

from migrator.model.kinds import KINDS

# The members of `operationApprovalPolicyType` that are about something to be assigned, and what Multi Admin Approval is
# documented to do for each: apps but not app protection, the settings catalog but no older profiles, scripts for
# Windows. `appProtectionPolicy` and `endpointSecurityPolicy` are reserved words so far.
DOCUMENTED = {
    "app": {"mobileApps"},
    "appProtectionPolicy": {
        *("windowsManagedAppProtections", "iosManagedAppProtections", "androidManagedAppProtections"),
    },
    "compliancePolicy": {"compliancePolicies", "deviceCompliancePolicies"},
    "configurationPolicy": {"configurationPolicies"},
    "endpointSecurityPolicy": {"intents"},
    "script": {"deviceHealthScripts", "deviceManagementScripts"},
}


def test_each_kind_is_protected_by_what_is_documented_for_it_and_no_other() -> None:
    found = {name: {kind.name for kind in KINDS.values() if kind.approval == name} for name in DOCUMENTED}
    assert found == DOCUMENTED
    assert {kind.approval for kind in KINDS.values()} == {*DOCUMENTED, ""}
