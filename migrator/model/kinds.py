"""Every kind of configuration that Graph can assign: one table, one entry a kind.

A kind that appears tomorrow is one more entry. Facts are those of Microsoft's API documentation, with what existing
tools found out beyond it.
"""

from __future__ import annotations

from functools import lru_cache, partial

from migrator.model import limits
from migrator.model.kind import BETA, CLOUD_PC, EVERY_TYPE, FILTER, GROUPS, OFFICE, SOURCE, V1, WIDE, Kind, Trust

_of_apps = partial(Kind, success=204, permission="DeviceManagementApps.ReadWrite.All")
_managed_app_policy = partial(
    _of_apps,
    versions=(BETA, V1),
    assignment="#microsoft.graph.targetedManagedAppPolicyAssignment",
    targets=GROUPS,
)
_update = partial(Kind, success=204, platform="windows10AndLater", not_offered=WIDE)
_script = partial(
    Kind,
    body="deviceManagementScriptAssignments",
    other_body=("deviceManagementScriptGroupAssignments",),
    assignment="#microsoft.graph.deviceManagementScriptAssignment",
    success=204,
    permission="DeviceManagementScripts.ReadWrite.All",
    area=limits.SCRIPTS,
)

_TABLE = (
    Kind(
        name="officeClientConfigurations",
        title="Office client configuration",
        path="/officeConfiguration/clientConfigurations",
        body="officeConfigurationAssignments",
        assignment="#microsoft.graph.officeClientConfigurationAssignment",
        targets=OFFICE,
        list_expand=Trust.UNKNOWN,
    ),
    _of_apps(
        name="iosLobAppProvisioningConfigurations",
        title="iOS app provisioning profile",
        path="/deviceAppManagement/iosLobAppProvisioningConfigurations",
        body="iOSLobAppProvisioningConfigAssignments",
        other_body=("appProvisioningConfigurationGroupAssignments",),
        assignment="#microsoft.graph.iosLobAppProvisioningConfigurationAssignment",
        list_expand=Trust.UNKNOWN,
        platform="iOS",
        unfiltered=EVERY_TYPE,
    ),
    _of_apps(
        name="managedEBooks",
        title="Managed eBook",
        path="/deviceAppManagement/managedEBooks",
        versions=(BETA, V1),
        not_in_v1=FILTER,
        body="managedEBookAssignments",
        assignment="#microsoft.graph.managedEBookAssignment",
        keep=("installIntent",),
        list_expand=Trust.UNKNOWN,
    ),
    _of_apps(
        name="mobileAppConfigurations",
        title="App configuration (managed devices)",
        path="/deviceAppManagement/mobileAppConfigurations",
        versions=(BETA, V1),
        not_in_v1=FILTER,
        assignment="#microsoft.graph.managedDeviceMobileAppConfigurationAssignment",
        assign_paths=("microsoft.graph.managedDeviceMobileAppConfiguration/assign", "assign"),
    ),
    _of_apps(
        name="mobileApps",
        approval="app",
        title="App",
        path="/deviceAppManagement/mobileApps",
        versions=(BETA, V1),
        body="mobileAppAssignments",
        assignment="#microsoft.graph.mobileAppAssignment",
        intent_property="intent",
        keep=("intent", "settings"),
        category="app",
        unfiltered=("windowsMicrosoftEdgeApp", "webApp"),
        published_by="publishingState",
        of_every_tenant=("appAvailability", "global"),  # hundreds, which the portal hides until they are assigned
    ),
    _managed_app_policy(
        name="targetedManagedAppConfigurations",
        title="App configuration (managed apps)",
        path="/deviceAppManagement/targetedManagedAppConfigurations",
        platform="androidMobileApplicationManagement,iOSMobileApplicationManagement,windowsMobileApplicationManagement",
    ),
    _of_apps(
        name="wdacSupplementalPolicies",
        title="App Control supplemental policy",
        path="/deviceAppManagement/wdacSupplementalPolicies",
        body="wdacPolicyAssignments",
        assignment="#microsoft.graph.windowsDefenderApplicationControlSupplementalPolicyAssignment",
        list_expand=Trust.UNKNOWN,
        platform="windows10AndLater",
        unfiltered=EVERY_TYPE,
    ),
    _managed_app_policy(
        name="windowsManagedAppProtections",
        approval="appProtectionPolicy",
        title="App protection (Windows)",
        path="/deviceAppManagement/windowsManagedAppProtections",
        versions=(BETA,),
        platform="windowsMobileApplicationManagement",
    ),
    Kind(
        name="compliancePolicies",
        approval="compliancePolicy",
        title="Compliance policy (settings catalog)",
        path="/deviceManagement/compliancePolicies",
        assignment="#microsoft.graph.deviceManagementConfigurationPolicyAssignment",
        name_property="name",
    ),
    Kind(
        name="configurationPolicies",
        approval="configurationPolicy",
        title="Settings catalog policy",
        path="/deviceManagement/configurationPolicies",
        assignment="#microsoft.graph.deviceManagementConfigurationPolicyAssignment",
        name_property="name",
        item_expand=Trust.LIES,
    ),
    Kind(
        name="deviceCompliancePolicies",
        approval="compliancePolicy",
        title="Compliance policy",
        path="/deviceManagement/deviceCompliancePolicies",
        versions=(BETA, V1),
        assignment="#microsoft.graph.deviceCompliancePolicyAssignment",
    ),
    Kind(
        name="deviceComplianceScripts",
        title="Compliance script",
        path="/deviceManagement/deviceComplianceScripts",
        body="deviceHealthScriptAssignments",
        assignment="#microsoft.graph.deviceHealthScriptAssignment",
        keep=("runRemediationScript", "runSchedule"),
        success=204,
        list_expand=Trust.UNKNOWN,
        assignments=Trust.UNKNOWN,
        permission="DeviceManagementScripts.ReadWrite.All",
        area=limits.SCRIPTS,
    ),
    Kind(
        name="deviceConfigurations",
        title="Device configuration profile",
        path="/deviceManagement/deviceConfigurations",
        versions=(BETA, V1),
        not_in_v1=(*FILTER, *SOURCE, "intent"),
        implied={"intent": "apply"},
        other_body=("deviceConfigurationGroupAssignments",),
        assignment="#microsoft.graph.deviceConfigurationAssignment",
        keep=("intent",),
    ),
    _script(
        name="deviceCustomAttributeShellScripts",
        title="macOS custom attribute",
        path="/deviceManagement/deviceCustomAttributeShellScripts",
        list_expand=Trust.UNKNOWN,
        item_expand=Trust.WORKS,
        assignments=Trust.ABSENT,
        platform="macOS",
    ),
    Kind(
        name="deviceEnrollmentConfigurations",
        title="Enrolment configuration",
        path="/deviceManagement/deviceEnrollmentConfigurations",
        versions=(BETA, V1),
        body="enrollmentConfigurationAssignments",
        assignment="#microsoft.graph.enrollmentConfigurationAssignment",
        success=204,
        permission="DeviceManagementServiceConfig.ReadWrite.All",
        unfiltered=("deviceEnrollmentNotificationConfiguration",),
        default_priority=0,
        not_offered=("exclusion",),
    ),
    Kind(
        name="deviceHealthScripts",
        approval="script",
        title="Remediation",
        path="/deviceManagement/deviceHealthScripts",
        body="deviceHealthScriptAssignments",
        assignment="#microsoft.graph.deviceHealthScriptAssignment",
        keep=("runRemediationScript", "runSchedule"),
        success=204,
        permission="DeviceManagementScripts.ReadWrite.All",
        area=limits.SCRIPTS,
        platform="windows10AndLater",
    ),
    _script(
        name="deviceManagementScripts",
        approval="script",
        title="PowerShell script",
        path="/deviceManagement/deviceManagementScripts",
        platform="windows10AndLater",
        unfiltered=EVERY_TYPE,
    ),
    _script(
        name="deviceShellScripts",
        title="Shell script",
        path="/deviceManagement/deviceShellScripts",
        item_expand=Trust.WORKS,
        assignments=Trust.ABSENT,
        unfiltered=EVERY_TYPE,
    ),
    Kind(
        name="embeddedSIMActivationCodePools",
        title="eSIM activation code pool",
        path="/deviceManagement/embeddedSIMActivationCodePools",
        assignment="#microsoft.graph.embeddedSIMActivationCodePoolAssignment",
        list_expand=Trust.UNKNOWN,
        assignments=Trust.UNKNOWN,
    ),
    Kind(
        name="groupPolicyConfigurations",
        title="Administrative template",
        path="/deviceManagement/groupPolicyConfigurations",
        assignment="#microsoft.graph.groupPolicyConfigurationAssignment",
        drop=("lastModifiedDateTime",),
        platform="windows10AndLater",
    ),
    Kind(
        name="hardwareConfigurations",
        title="BIOS configuration",
        path="/deviceManagement/hardwareConfigurations",
        body="hardwareConfigurationAssignments",
        assignment="#microsoft.graph.hardwareConfigurationAssignment",
        list_expand=Trust.UNKNOWN,
        assignments=Trust.UNKNOWN,
        platform="windows10AndLater",
    ),
    Kind(
        name="intents",
        approval="endpointSecurityPolicy",
        title="Endpoint security intent",
        path="/deviceManagement/intents",
        assignment="#microsoft.graph.deviceManagementIntentAssignment",
        success=204,
        list_expand=Trust.LIES,
    ),
    _of_apps(
        name="intuneBrandingProfiles",
        title="Branding profile",
        path="/deviceManagement/intuneBrandingProfiles",
        assignment="#microsoft.graph.intuneBrandingProfileAssignment",
        name_property="profileName",
        built_in="isDefaultProfile",
        list_expand=Trust.UNKNOWN,
        unfiltered=EVERY_TYPE,
    ),
    Kind(
        name="resourceAccessProfiles",
        title="Resource access profile",
        path="/deviceManagement/resourceAccessProfiles",
        assignment="#microsoft.graph.deviceManagementResourceAccessProfileAssignment",
        keep=("intent",),
        list_expand=Trust.UNKNOWN,
        assignments=Trust.UNKNOWN,
        permission="DeviceManagementServiceConfig.ReadWrite.All",
    ),
    Kind(
        name="roleScopeTags",
        title="Scope tag",
        path="/deviceManagement/roleScopeTags",
        assignment="#microsoft.graph.roleScopeTagAutoAssignment",
        built_in="isBuiltIn",
        category="tag",
        list_expand=Trust.LIES,
        permission="DeviceManagementRBAC.ReadWrite.All",
    ),
    Kind(
        name="provisioningPolicies",
        title="Cloud PC provisioning policy",
        path="/deviceManagement/virtualEndpoint/provisioningPolicies",
        versions=(BETA, V1),
        not_in_v1=("allotmentDisplayName", "allotmentLicensesCount", "userSettingsPersistenceDetail"),
        assignment="#microsoft.graph.cloudPcProvisioningPolicyAssignment",
        targets=CLOUD_PC,
        keep=("userSettingsPersistenceDetail",),
        drop=("assignedUsers",),
        success=204,
        list_expand=Trust.UNKNOWN,
        item_expand=Trust.WORKS,
        assignments=Trust.ABSENT,
        permission="CloudPC.ReadWrite.All",
        area=limits.CLOUD_PC,
    ),
    Kind(
        name="userSettings",
        title="Cloud PC user settings",
        path="/deviceManagement/virtualEndpoint/userSettings",
        versions=(V1, BETA),
        not_in_v1=(),
        assignment="#microsoft.graph.cloudPcUserSettingAssignment",
        targets=CLOUD_PC,
        drop=("createdDateTime",),
        success=204,
        list_expand=Trust.UNKNOWN,
        item_expand=Trust.WORKS,
        assignments=Trust.ABSENT,
        permission="CloudPC.ReadWrite.All",
        area=limits.CLOUD_PC,
    ),
    Kind(
        name="windowsAutopilotDeploymentProfiles",
        title="Autopilot deployment profile",
        path="/deviceManagement/windowsAutopilotDeploymentProfiles",
        body="deviceIds",
        assignment=None,
        targets={},
        success=204,
        list_expand=Trust.UNKNOWN,
        permission="DeviceManagementServiceConfig.ReadWrite.All",
        excluded="assign takes deviceIds; its groups are single assignments created and deleted one by one",
    ),
    _update(
        name="windowsDriverUpdateProfiles",
        title="Driver update profile",
        path="/deviceManagement/windowsDriverUpdateProfiles",
        assignment="#microsoft.graph.windowsDriverUpdateProfileAssignment",
    ),
    _update(
        name="windowsFeatureUpdateProfiles",
        title="Feature update profile",
        path="/deviceManagement/windowsFeatureUpdateProfiles",
        assignment="#microsoft.graph.windowsFeatureUpdateProfileAssignment",
        unfiltered=EVERY_TYPE,
    ),
    _update(
        name="windowsQualityUpdatePolicies",
        title="Quality update policy",
        path="/deviceManagement/windowsQualityUpdatePolicies",
        assignment="#microsoft.graph.windowsQualityUpdatePolicyAssignment",
    ),
    _update(
        name="windowsQualityUpdateProfiles",
        title="Expedited update profile",
        path="/deviceManagement/windowsQualityUpdateProfiles",
        assignment="#microsoft.graph.windowsQualityUpdateProfileAssignment",
    ),
    _managed_app_policy(
        name="iosManagedAppProtections",
        approval="appProtectionPolicy",
        title="App protection (iOS)",
        path="/deviceAppManagement/iosManagedAppProtections",
        platform="iOSMobileApplicationManagement",
    ),
    _managed_app_policy(
        name="androidManagedAppProtections",
        approval="appProtectionPolicy",
        title="App protection (Android)",
        path="/deviceAppManagement/androidManagedAppProtections",
        platform="androidMobileApplicationManagement",
    ),
    _managed_app_policy(
        name="windowsInformationProtectionPolicies",
        title="Windows Information Protection",
        path="/deviceAppManagement/windowsInformationProtectionPolicies",
        list_expand=Trust.UNKNOWN,
        unfiltered=EVERY_TYPE,
    ),
    _managed_app_policy(
        name="mdmWindowsInformationProtectionPolicies",
        title="Windows Information Protection (MDM)",
        path="/deviceAppManagement/mdmWindowsInformationProtectionPolicies",
        list_expand=Trust.UNKNOWN,
        unfiltered=EVERY_TYPE,
    ),
)

KINDS: dict[str, Kind] = {kind.name: kind for kind in _TABLE}
"""The table as it stands: whoever needs it reads it when asked, so that a kind may also be entered later."""


def _fold(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


def find_kinds(text: str) -> tuple[Kind, ...]:
    """The kinds a person means by a word: a kind's name, its title, the last part of its path, or a category."""
    return _among(tuple(KINDS.values()), text)


@lru_cache(maxsize=1_000)  # every row of a mapping asks, in the same few words
def _among(kinds: tuple[Kind, ...], text: str) -> tuple[Kind, ...]:
    wanted = _fold(text)
    exact = tuple(k for k in kinds if wanted in (_fold(k.name), _fold(k.title), _fold(k.path.rsplit("/", 1)[-1])))
    return exact or tuple(k for k in kinds if wanted == k.category)
