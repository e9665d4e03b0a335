"""The mutants of what goes over every kind: where groups are assigned, who is gone, whom it concerns, what is read."""

from __future__ import annotations

from benchmarks.mutants.table import CODEC, READING, RESOLVE, Mutant

WHERE = "tests/operations/test_where.py"
EXPORT = "tests/operations/test_export.py"
ANYWHERE = "tests/operations/test_anywhere.py"
ROWS_ANYWHERE = "tests/planning/test_anywhere.py"
PLACES = "tests/resolving/test_anywhere.py"
ORPHANS = "tests/operations/test_orphans.py"
DROPPING = "tests/planning/test_orphans.py"
DELETED = "tests/graph_tenant/test_deleted.py"
LISTING = "tests/graph_tenant/test_configurations.py"
VERSIONS = "tests/operations/test_api_version.py"
IMPACT = "tests/planning/test_impact.py"
DOCTOR = "tests/operations/test_doctor.py"

EVERY_KIND = (
    # Groups that were deleted
    Mutant(
        "a group that is there all the same is dropped as deleted",
        "migrator/planning/orphans.py",
        "    return frozenset(group.id for group in absent.groups if group.deleted)\n",
        "    return frozenset(group.id for group in absent.groups)\n",
        (DROPPING,),
    ),
    Mutant(
        "any 404 says that a group was deleted",
        "migrator/graph/tenant/deleted.py",
        "    return refused and reply.graph_error[0].casefold() == _ABSENT\n",
        "    return refused\n",
        (DELETED,),
    ),
    Mutant(
        "what a policy set assigns to a deleted group is dropped",
        "migrator/planning/orphans.py",
        " and assignment.target.id in groups and not assignment.from_policy_set\n",
        " and assignment.target.id in groups\n",
        (DROPPING,),
    ),
    Mutant(
        "the virtual group of all users is a deleted one",
        "migrator/model/lists.py",
        " and target.id not in VIRTUAL_TYPES\n",
        " and VIRTUAL_TYPES.get(target.id) is not TargetType.ALL_DEVICES\n",
        (ORPHANS,),
    ),
    # Rows that mean many configurations
    Mutant(
        "a swap wherever a group stands goes everywhere",
        "migrator/resolving/anywhere.py",
        "        if asked.action not in (Action.SWAP, Action.REMOVE):\n            return [key for",
        "        if asked.action is not Action.REMOVE:\n            return [key for",
        (PLACES, ANYWHERE),
    ),
    Mutant(
        "a swap wherever a group stands adds the new one where it does not",
        "migrator/planning/anywhere.py",
        "        if row.action in (Action.SWAP, Action.REMOVE) and not there:\n",
        "        if row.action is Action.REMOVE and not there:\n",
        (ROWS_ANYWHERE, ANYWHERE),
    ),
    Mutant(
        "what a row of its own says is overridden by a pattern",
        "migrator/planning/anywhere.py",
        "        elif _gives_way(row, own.get(row.configuration, ())):\n",
        "        elif not own and _gives_way(row, own.get(row.configuration, ())):\n",
        (ROWS_ANYWHERE, ANYWHERE),
    ),
    Mutant(
        "everything is what could be read of it",
        "migrator/resolving/configurations.py",
        '(failed, Level.ERROR, "try again',
        '(failed, Level.NOTE, "try again',
        (ANYWHERE,),
    ),
    Mutant(
        "a name may also stand in a kind that could not be read",
        "migrator/resolving/configurations.py",
        "self._named_alone(one.kind) if one.served is Served.FAILED else 0\n",
        "self._named_alone(one.kind) if one.served is Served.READ else 0\n",
        (RESOLVE,),
    ),
    # What a listing proves
    Mutant(
        "the empty list of a listing is believed",
        "migrator/operations/survey.py",
        " if direct(one.assignments or ())}\n",
        " if one.assignments is not None}\n",
        (WHERE, ANYWHERE),
    ),
    Mutant(
        "a kind of which a page is lost is not served",
        "migrator/graph/tenant/configurations.py",
        "            if self._pages:  #",
        "            if self._pages > 1000:  #",
        (LISTING,),
    ),
    Mutant(
        "any 400 says that a kind is not served",
        "migrator/graph/answer.py",
        "        if self.reply.status == 400 and _UNKNOWN_PATH in said.casefold():\n",
        "        if self.reply.status == 400:\n",
        (LISTING,),
    ),
    Mutant(
        "a version that hides filters is read",
        "migrator/model/kind.py",
        "        return self.version if self.unknown_in(version) else version\n",
        "        return version\n",
        (VERSIONS, READING),
    ),
    Mutant(
        "the list of a version that hides filters is believed",
        "migrator/graph/tenant/configurations.py",
        '    whole = f"{_EXPAND}{NEXT_LINK}" not in element and not kind.unknown_in(version)\n',
        '    whole = f"{_EXPAND}{NEXT_LINK}" not in element\n',
        (VERSIONS, LISTING, CODEC),
    ),
    # What is told
    Mutant(
        "who is excluded is told as included",
        "migrator/model/occurrences.py",
        "        return self.assignment.target.excludes\n",
        "        return False\n",
        (WHERE,),
    ),
    Mutant(
        "what a policy set assigns is exported as a row",
        "migrator/resolving/written.py",
        "        if assignment.from_policy_set:\n",
        "        if assignment.from_policy_set and kind.excluded:\n",
        (EXPORT,),
    ),
    Mutant(
        "who gains is told to lose",
        "migrator/planning/impact.py",
        "        gain = (after - before) | self._let_in(scene, type_)\n        lose = (before - after) |",
        "        gain = (before - after) | self._let_in(scene, type_)\n        lose = (after - before) |",
        (IMPACT,),
    ),
    Mutant(
        "a group that could not be counted is nobody",
        "migrator/planning/impact.py",
        "            return UNKNOWN if _is_group(group) else Side(0, frozenset())\n",
        "            return Side(0, frozenset())\n",
        (IMPACT,),
    ),
    Mutant(
        "the doctor is content with a kind that was asked for and may not be read",
        "migrator/operations/doctor.py",
        "    if named:\n        return Symptom(",
        "    if named and not granted:\n        return Symptom(",
        (DOCTOR,),
    ),
)
