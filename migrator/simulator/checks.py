"""What the service demands of assignments before it takes them."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from migrator.model.assignment import VIRTUAL_ALL_DEVICES, VIRTUAL_ALL_USERS, TargetType
from migrator.model.kind import BETA, OFFICE, Kind
from migrator.simulator.messages import Json, bad_request
from migrator.simulator.sorts import takes_filters, type_of, unassignable
from migrator.simulator.state import StoredConfiguration, TenantState
from migrator.simulator.stored import FILTER_ID, FILTER_TYPE, SERVER_MADE, stand_in, target_type

INTENTS = ("available", "availableWithoutEnrollment", "required", "uninstall")

_LEFT_OUT = SERVER_MADE - {"@odata.type", "target"}
# Tuples, as INTENTS is: what is looked up in them may be any JSON, also what no set can hold.
_FILTER_TYPES = ("none", "include", "exclude", None)
_NO_FILTER = "00000000-0000-0000-0000-000000000000"
_VIRTUAL = frozenset({VIRTUAL_ALL_USERS, VIRTUAL_ALL_DEVICES})


def check_assignments(
    tenant: TenantState, configuration: StoredConfiguration, elements: Iterable[Json], version: str = BETA
) -> list[Json]:
    """The assignments, if this version of the service takes them.

    Raises Refused with the service's reason for the first it does not. What is assigned already may be sent again as it
    stands, whether its group is still there or not.
    """
    kind = configuration.kind
    if refusal := unassignable(configuration):
        raise bad_request(refusal)
    standing = {_spelled(kind, a["target"]) for a in configuration.assignments}
    types = [None, *{kind.assignment, *(a.get("@odata.type") for a in configuration.assignments)}]
    checked = []
    for given in elements:
        target = given.get("target")
        if not isinstance(target, dict):
            raise bad_request("An assignment must have a 'target'.")
        if given.get("@odata.type") not in types:
            wrong = f"Cannot convert '{given['@odata.type']}' to '{kind.assignment}'."
            raise bad_request(wrong, "ModelValidationFailure")
        _check_server_made(kind, given)
        _check_known(kind, version, given)
        _check_intent(kind, given)
        stands = _spelled(kind, target) in standing
        _check_target(tenant, kind, target, stands=stands)
        _check_exclusion(kind, given, stands=stands)
        _check_filter(tenant, configuration, target)
        checked.append({name: value for name, value in given.items() if name not in _LEFT_OUT})
    return checked


def _spelled(kind: Kind, target: Json) -> tuple[str, str]:
    return str(target.get("@odata.type")), stand_in(kind, target)


def _check_server_made(kind: Kind, given: Json) -> None:
    if given.get("source") == "policySets":
        raise bad_request("An assignment that a policy set made cannot be assigned directly.")
    for name in kind.drop:
        if name in given:
            raise bad_request(f"The property '{name}' is read-only.")


def _check_known(kind: Kind, version: str, given: Json) -> None:
    for name in kind.unknown_in(version):
        if name in given or name in given["target"]:
            raise bad_request(f"The property '{name}' does not exist on this type.", "ModelValidationFailure")


def _check_intent(kind: Kind, given: Json) -> None:
    if kind.intent_property and given.get(kind.intent_property) not in INTENTS:
        raise bad_request(f"'{kind.intent_property}' must be one of {', '.join(INTENTS)}.")


def _check_target(tenant: TenantState, kind: Kind, target: Json, *, stands: bool) -> None:
    spelled = target.get("@odata.type")
    if not isinstance(spelled, str):
        raise bad_request(
            "A target must say its '@odata.type'; the declared type is abstract.", "ModelValidationFailure"
        )
    if stands:
        return
    type_ = target_type(kind, target)
    if type_ is TargetType.OTHER:
        raise bad_request(f"The target type '{spelled}' is not allowed for {kind.name}.", "ModelValidationFailure")
    if type_ in (TargetType.GROUP, TargetType.EXCLUSION):
        _check_group(tenant, kind, target.get("groupId"))
    elif "groupId" in target:
        raise bad_request(f"The property 'groupId' does not exist on type '{spelled.removeprefix('#')}'.")


def _check_group(tenant: TenantState, kind: Kind, group_id: object) -> None:
    try:
        id_ = str(UUID(str(group_id)))
    except ValueError:
        raise bad_request(f"'{group_id}' is not a valid group id.") from None
    if kind.takes_virtual_groups and id_ in _VIRTUAL:
        return
    group = tenant.groups.get(id_)
    if group is None:
        raise bad_request(f"The group '{id_}' does not exist.")
    if not (group.security_enabled or (kind.targets is OFFICE and group.mail_enabled)):
        raise bad_request(f"The group '{id_}' is not security enabled.")


def _check_exclusion(kind: Kind, given: Json, *, stands: bool) -> None:
    """What is not installed has no settings for it."""
    excluded = target_type(kind, given["target"]) is TargetType.EXCLUSION
    if excluded and not stands and given.get("settings") is not None:
        raise bad_request("Settings are not supported on exclusions.")


def _check_filter(tenant: TenantState, configuration: StoredConfiguration, target: Json) -> None:
    id_, type_ = target.get(FILTER_ID), target.get(FILTER_TYPE)
    if type_ not in _FILTER_TYPES:
        raise bad_request(f"'{type_}' is not a filter type.")
    if id_ in (None, "", _NO_FILTER):
        if type_ not in (None, "none"):
            raise bad_request("A filter type needs a filter's id.")
        return
    if not takes_filters(configuration):
        what = type_of(configuration) or configuration.kind.name
        raise bad_request(f"Assignment filters are not supported for {what}.")
    if target_type(configuration.kind, target) is TargetType.EXCLUSION:
        raise bad_request("Assignment filters are not supported on exclusions.")
    if not isinstance(id_, str) or id_.lower() not in tenant.filters:
        raise bad_request(f"The assignment filter '{id_}' does not exist.")
