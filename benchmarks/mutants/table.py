"""The mutants: what each breaks, and the tests that have to notice."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """One mistake: `old`, which is in `file` once, is replaced by `new`; some of `tests` must fail."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


P1 = "tests/promises/test_1_nothing_is_lost.py"
P2 = "tests/promises/test_2_nothing_unplanned_is_sent.py"
P3 = "tests/promises/test_3_resume_finishes.py"
P4 = "tests/promises/test_4_drift_is_left_alone.py"
P5 = "tests/promises/test_5_success_is_confirmed.py"
P6 = "tests/promises/test_6_rollback_restores.py"
P7 = "tests/promises/test_7_the_token_stays_home.py"
P8 = "tests/promises/test_8_no_secret_is_kept.py"
STORIES = "tests/stateful/test_stories.py"
ROWS = "tests/planning/test_rows.py"
RESOLVE = "tests/resolving/test_resolve.py"
CODEC = "tests/graph_tenant/test_codec.py"
READING = "tests/graph_tenant/test_reading.py"
SETTLING = "tests/graph_tenant/test_settling.py"
ASSIGN = "tests/graph_tenant/test_assign.py"
PROTOCOL = "tests/graph/test_protocol.py"
BATCH = "tests/graph/test_batch.py"
DISPATCH = "tests/sending/test_dispatch.py"
APPROVAL = "tests/operations/test_approval.py"
UNAPPROVED = "tests/promises/test_2_nothing_unapproved_is_sent.py"
CAUTION = "tests/operations/test_caution.py"
SECOND_ADMIN = "tests/second_admin/test_stories.py"
SECOND_ADMIN_KILLED = "tests/second_admin/test_killed.py"

MUTANTS = (
    # What is sent
    Mutant(
        "posting only what changes",
        "migrator/model/plan.py",
        "        return direct(self.after)\n",
        "        return direct(c.after for c in self.changes if c.after and c.effect is not Effect.KEPT)\n",
        (P1,),
    ),
    Mutant(
        "re-posting what policy sets assign",
        "migrator/model/lists.py",
        "    return tuple(a for a in assignments if not a.from_policy_set)\n",
        "    return tuple(assignments)\n",
        (CODEC, ROWS, STORIES),
    ),
    Mutant(
        "losing a filter",
        "migrator/planning/stated.py",
        "        return None if turned else standing  # an exclusion takes no filter\n",
        "        return None\n",
        (P1, ROWS),
    ),
    Mutant(
        "losing an app's intent",
        "migrator/planning/stated.py",
        "    if row.intent:\n        assignment = replace(assignment, intent=row.intent)\n",
        "    assignment = replace(assignment, intent=row.intent)\n",
        (ROWS, STORIES),
    ),
    Mutant(
        "losing an app's settings",
        "migrator/graph/tenant/codec.py",
        "    unwanted = {*_SERVER_MADE, *kind.drop}\n",
        '    unwanted = {*_SERVER_MADE, *kind.drop, "settings"}\n',
        (CODEC,),
    ),
    Mutant(
        "losing properties that nobody has heard of",
        "migrator/graph/tenant/codec.py",
        "({name: v for name, v in element.items() if name not in unwanted})",
        '({name: v for name, v in element.items() if name in (_TYPE, "target", kind.intent_property, *kind.keep)})',
        (P1, CODEC),
    ),
    Mutant(
        "comparing by an assignment's id",
        "migrator/graph/tenant/codec.py",
        '    outer = {kind.intent_property, "target", *_SERVER_MADE, *kind.drop}\n',
        '    outer = {kind.intent_property, "target", "source", "sourceId", *kind.drop}\n',
        (CODEC, P1),
    ),
    Mutant(
        "a swap that keeps the legacy group",
        "migrator/planning/actions.py",
        "        for old in leaving:\n            desk.leaves(old, row)\n            desk.moves.",
        "        for old in leaving:\n            desk.moves.",
        (ROWS, P2),
    ),
    Mutant(
        "remove All users takes All devices along",
        "migrator/model/assignment.py",
        "        return Audience(TargetType.GROUP if self.type is TargetType.EXCLUSION else self.type, self.id)\n",
        "        whole = {TargetType.EXCLUSION: TargetType.GROUP, TargetType.ALL_DEVICES: TargetType.ALL_USERS}\n"
        "        return Audience(whole.get(self.type, self.type), self.id)\n",
        (ROWS,),
    ),
    Mutant(
        "the order of rows counts: what moves takes its place at once",
        "migrator/planning/actions.py",
        "            desk.moves.setdefault(old.identity, []).append(row)\n",
        "            _settle(desk, old, row)\n",
        (ROWS, "tests/planning/test_properties.py"),
    ),
    # What is refused
    Mutant(
        "the first of several groups of one name",
        "migrator/resolving/match.py",
        "            return Match(None, tuple(there))\n        name",
        "            return Match(there[0])\n        name",
        (RESOLVE, P2),
    ),
    Mutant(
        "a mapping with errors is planned all the same",
        "migrator/operations/draw_up.py",
        "    wrong = errors(found)\n    if wrong:\n",
        "    wrong = errors(found)\n    if not found and wrong:\n",
        (P2,),
    ),
    Mutant(
        "what would be emptied is not refused",
        "migrator/operations/draw_up.py",
        "    if not settings.allow_empty:\n",
        "    if not settings.allow_empty and settings.allow_empty:\n",
        (P2,),
    ),
    # What is believed
    Mutant(
        "one empty list is believed",
        "migrator/graph/tenant/settling.py",
        "    if len(empty) == 1:\n",
        "    if len(empty) == 0:\n",
        (SETTLING, READING, P1),
    ),
    Mutant(
        "an empty list displaces one that is not",
        "migrator/graph/tenant/settling.py",
        "    judgement = _by_filled(filled, empty, unheard=unheard) if filled else",
        "    judgement = _by_filled(filled, empty, unheard=unheard) if filled and not empty else",
        (SETTLING, P1),
    ),
    Mutant(
        "two expands are two witnesses while /assignments cannot be read",
        "migrator/graph/tenant/settling.py",
        "    if unheard and all(",
        "    if not unheard and unheard and all(",
        (READING, STORIES),
    ),
    Mutant(
        "isAssigned is not asked",
        "migrator/graph/tenant/settling.py",
        "    if is_assigned:\n",
        "    if is_assigned and not empty:\n",
        (SETTLING,),
    ),
    Mutant(
        "lists that differ are believed",
        "migrator/graph/tenant/settling.py",
        '        return _Judgement(longest, False, f"the routes answer',
        '        return _Judgement(longest, True, f"the routes answer',
        (SETTLING, READING),
    ),
    Mutant(
        "what could not be read is planned with",
        "migrator/planning/plan.py",
        "    if not reading.settled:\n",
        "    if not reading.settled and reading.settled:\n",
        ("tests/planning/test_guards.py",),
    ),
    Mutant(
        "a list's later pages are left out",
        "migrator/graph/tenant/pages.py",
        "                waiting[index] = replace(calls[index], path=path)\n",
        "                waiting.clear()\n",
        (P1, READING),
    ),
    Mutant(
        "a 429 inside a batch is not asked again",
        "migrator/graph/batch.py",
        "        again = [(item, pause) for item, pause in pauses if pause is not None]\n",
        "        again = [(i, p) for i, p in pauses if p is not None and i.tried.meaning is not Meaning.THROTTLED]\n",
        (BATCH, READING),
    ),
    # What a call came to
    Mutant(
        "a reset is a failure",
        "migrator/graph/protocol.py",
        "    if reply.status == 0 or reply.status >= 500:\n        return in_doubt\n",
        "    if reply.status == 0 or reply.status >= 500:\n        return Meaning.REFUSED\n",
        (PROTOCOL, P5),
    ),
    Mutant(
        "a reset is a success",
        "migrator/sending/dispatch.py",
        "        case _:\n            return None\n",
        '        case _:\n            return _Conclusion(Status.SUCCEEDED, "", Settled.ANSWER)\n',
        (DISPATCH, P5),
    ),
    Mutant(
        "a call in doubt is sent again unread",
        "migrator/graph/tenant/assign.py",
        "write=True, repeatable=False)",
        "write=True, repeatable=True)",
        (ASSIGN, P5),
    ),
    Mutant(
        "any 2xx is whole, whatever its body",
        "migrator/graph/protocol.py",
        "        return reply.is_json\n    return reply.status",
        "        return True\n    return reply.status",
        (PROTOCOL, P5),
    ),
    Mutant(
        "what the answer lists is not compared",
        "migrator/sending/dispatch.py",
        "        case AssignState.CONFIRMED if answer.confirmed is None or holds(plan.body, answer.confirmed):\n",
        "        case AssignState.CONFIRMED:\n",
        (DISPATCH,),
    ),
    Mutant(
        "what stands before is believed at the first reading",
        "migrator/sending/dispatch.py",
        "        for pause in PATIENCE:\n",
        "        for pause in PATIENCE[:0]:\n",
        (DISPATCH,),
    ),
    Mutant(
        "reading back compares with what stood before",
        "migrator/operations/carry_out.py",
        "            {plan.key: plan.after for plan in plans},\n",
        "            {plan.key: plan.before for plan in plans},\n",
        (P2, P5),
    ),
    Mutant(
        "everything that can be read is verified",
        "migrator/verification/verdict.py",
        "    if off:\n",
        "    if off and not reading.settled:\n",
        (P5, "tests/verification/test_read_back.py"),
    ),
    # What others did
    Mutant(
        "writing over drift",
        "migrator/sending/guard.py",
        "            return Outcome(plan.key, Status.DRIFTED, since if of else reason)\n",
        "            return None\n",
        (P4, STORIES),
    ),
    Mutant(
        "an old reading is relied on for ever",
        "migrator/sending/feed.py",
        "FRESH = 60.0\n",
        "FRESH = 1e9\n",
        ("tests/sending/test_feed.py", "tests/operations/test_operations.py", STORIES),
    ),
    Mutant(
        "drift has no exit status",
        "migrator/operations/finish.py",
        "        (4, bool(figures.drifted)),\n",
        "        (4, False),\n",
        (P4,),
    ),
    # What is remembered
    Mutant(
        "resuming without the outcomes",
        "migrator/operations/carry_out.py",
        "        done = {o.key for o in self.record.outcomes if o.status in finished and o.code != LEFT_OUT}\n",
        "        done = {o.key for o in self.record.outcomes if o.status not in finished and o.code != LEFT_OUT}\n",
        (P3, STORIES),
    ),
    Mutant(
        "resuming without the intents",
        "migrator/operations/carry_out.py",
        "    return set(record.intended) - {o.key for o in record.outcomes if o.settled is not Settled.READING}\n",
        "    return set()\n",
        (P3,),
    ),
    Mutant(
        "the intent is kept after the call",
        "migrator/graph/client.py",
        "            if leaving is not None:\n                await leaving()\n"
        "                left = self.clock.monotonic()\n            tried = await self.once(call, numbers)\n",
        "            tried = await self.once(call, numbers)\n            if leaving is not None:\n"
        "                await leaving()\n                left = self.clock.monotonic()\n",
        (P3, STORIES),
    ),
    Mutant(
        "two processes may work on one run",
        "migrator/operations/run.py",
        "    with locked(folder, approved), logged(folder, settings, connection):\n",
        "    with logged(folder, settings, connection):\n",
        ("tests/operations/test_one_at_a_time.py",),
    ),
    Mutant(
        "the lock is not taken",
        "migrator/journal/lock.py",
        "        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _PLACE)\n",
        "        fcntl.lockf(descriptor, fcntl.LOCK_UN, 1, _PLACE)\n",
        ("tests/journal/test_lock.py",),
    ),
    Mutant(
        "a wish to stop is not heard by who waits for the limit",
        "migrator/operations/carry_out.py",
        "        connection.client.gates.shut()\n",
        "        connection.client.gates\n",
        (P3,),
    ),
    # Where the token goes, and what is kept of it
    Mutant(
        "a nextLink to another host is followed",
        "migrator/graph/odata.py",
        '        same = _origin(there) == _origin(root) and "@" not in there.netloc\n',
        "        same = True\n",
        ("tests/graph/test_odata.py", READING, P7),
    ),
    Mutant(
        "a nextLink to another port is followed",
        "migrator/graph/odata.py",
        "_DEFAULT_PORTS.get(scheme) if url.port is None else url.port\n",
        "_DEFAULT_PORTS.get(scheme)\n",
        ("tests/graph/test_odata.py", P7),
    ),
    Mutant(
        "a redirect is followed, with the token",
        "migrator/graph/transport.py",
        "            reply = echo.without(spellings, await _reply(self._wire, request))\n",
        "            reply = echo.without(spellings, await _reply(self._wire, request))\n"
        '            if 300 <= reply.status < 400 and "location" in reply.headers:\n'
        '                signed = {"Authorization": f"Bearer {token}"}\n'
        "                async with (\n"
        "                    aiohttp.ClientSession() as session,\n"
        '                    session.get(reply.headers["location"], headers=signed) as there,\n'
        "                ):\n"
        "                    reply = Reply(there.status, _lower(there.headers), await there.read())\n",
        (P7, "tests/graph/test_transport.py"),
    ),
    Mutant(
        "a redirect is followed, without the token",
        "migrator/graph/transport.py",
        "            reply = echo.without(spellings, await _reply(self._wire, request))\n",
        "            reply = echo.without(spellings, await _reply(self._wire, request))\n"
        '            if 300 <= reply.status < 400 and "location" in reply.headers:\n'
        "                async with (\n"
        "                    aiohttp.ClientSession() as session,\n"
        '                    session.get(reply.headers["location"]) as there,\n'
        "                ):\n"
        "                    reply = Reply(there.status, _lower(there.headers), await there.read())\n",
        (P7, "tests/graph/test_transport.py"),
    ),
    Mutant(
        "a secret shows itself",
        "migrator/model/settings.py",
        "        return \"Secret('***')\" if self._value else \"Secret('')\"\n",
        "        return self._value\n",
        ("tests/graph/auth/test_settings.py", "tests/graph/auth/test_flows.py", P8),
    ),
    Mutant(
        "the log hides nothing",
        "migrator/journal/log.py",
        "        return json.dumps(self.value(entry), ensure_ascii=False)\n",
        "        return json.dumps(entry, ensure_ascii=False, default=str)\n",
        ("tests/journal/test_log.py",),
    ),
    Mutant(
        "a cell that begins like a formula is one",
        "migrator/workbook/pen.py",
        "            self._sheet.write_string(row, column, shown(value), self.formats[style])\n",
        '            wrote = self._sheet.write_formula if value.startswith("=") else self._sheet.write_string\n'
        "            wrote(row, column, shown(value), self.formats[style])\n",
        ("tests/workbook/test_book.py", "tests/reporting/test_configuration.py"),
    ),
    Mutant(
        "a cell that is copied and begins like a formula is one",
        "migrator/mapping/writers/copying.py",
        "    if cells.looks_like_formula(value):\n",
        "    if not value and cells.looks_like_formula(value):\n",
        ("tests/mapping/test_annotate.py",),
    ),
    # Putting back, approving, going carefully
    Mutant(
        "a rollback restores what the run left",
        "migrator/planning/rollback.py",
        "in by_identity(done.before).items())\n",
        "in by_identity(done.after).items())\n",
        (P6,),
    ),
    Mutant(
        "a rollback rests on whatever is assigned now",
        "migrator/planning/rollback.py",
        "    return as_left or holds(done.before, now.assignments)\n",
        "    return True\n",
        (P6,),
    ),
    Mutant(
        "another plan than the approved one is carried out",
        "migrator/operations/approval.py",
        "    if _bare(approved) != _bare(plan.fingerprint):\n",
        "    if not approved:\n",
        (APPROVAL, UNAPPROVED),
    ),
    Mutant(
        "a plan file with other cells is accepted",
        "migrator/operations/approval.py",
        "    wrong = list(differences(sent, back))\n",
        "    wrong = list(differences(sent, sent))\n",
        (APPROVAL, UNAPPROVED),
    ),
    Mutant(
        "what a reviewer left out is carried out",
        "migrator/operations/carry_out.py",
        "        waiting = [plan for plan in undone if not self._untouched(plan)]\n",
        "        waiting = list(undone)\n        self.left_out.clear()\n",
        (APPROVAL, UNAPPROVED),
    ),
    Mutant(
        "the rest goes although one of the first is not right",
        "migrator/operations/carry_out.py",
        "        if not bad:\n            say(",
        "        if len(bad) < 1000:\n            say(",
        (CAUTION,),
    ),
    Mutant(
        "a strict guard does not look",
        "migrator/operations/carry_out.py",
        "            look=self._look if strict else None,\n",
        "            look=None,\n",
        (CAUTION,),
    ),
    Mutant(
        "a plan may reach as far as it likes",
        "migrator/planning/caution.py",
        "        if most is not None and number > most:\n",
        "        if most is not None and number > most + 1000:\n",
        ("tests/planning/test_caution.py", CAUTION),
    ),
    Mutant(
        "one refusal after the other is waited for",
        "migrator/sending/breaker.py",
        "        if row.length >= enough and row.status in (*RUN_WIDE, BROKEN):\n",
        "        if row.length >= 1000 and row.status in (*RUN_WIDE, BROKEN):\n",
        (DISPATCH,),
    ),
    Mutant(
        "a service that is down fails one after the other",
        "migrator/sending/circuit.py",
        "        if self.open or self._row >= AFTER:\n",
        "        if self.open or self._row >= 1000:\n",
        ("tests/sending/test_circuit.py",),
    ),
    Mutant(
        "a few that are broken for ever are a service that is down",
        "migrator/sending/circuit.py",
        "    if not outcome.tries or outcome.http_status == 500:\n",
        "    if not outcome.tries:\n",
        ("tests/sending/test_circuit.py",),
    ),
    # A second admin
    Mutant(
        "an approved call is not the one that was approved",
        "migrator/sending/asking.py",
        "        answer = await self.tenant.assign_approved(plan.configuration, ready.pending, leaving)\n",
        "        answer = await self.tenant.assign_approved(\n"
        "            plan.configuration, replace(ready.pending, body=ready.pending.body + b' '), leaving\n"
        "        )\n",
        (SECOND_ADMIN,),
    ),
    Mutant(
        "what a second admin declined is asked for again",
        "migrator/operations/carry_out.py",
        "        done |= {o.key for o in self.record.outcomes if o.code == DECLINED}\n",
        "",
        (SECOND_ADMIN,),
    ),
    Mutant(
        "a request is forgotten once its call is about to leave",
        "migrator/journal/reader.py",
        "FROM outcomes WHERE status = ",
        "FROM standing WHERE status = ",
        (SECOND_ADMIN_KILLED,),
    ),
)
