"""The reports there are, by name: one file each. A new one is a file beside these and its line here."""

from __future__ import annotations

from collections.abc import Mapping

from migrator.reporting.formats import configuration, plan, retry, summary
from migrator.reporting.formats.interface import Report

REPORTS: Mapping[str, Report] = {
    "summary": Report(summary.jobs),
    "configurations": Report(configuration.jobs),
    "retry": Report(retry.jobs, leaves_out=(retry.FILE,)),
    "plan": Report(plan.jobs, by_default=False),  # it was approved as it is
}
