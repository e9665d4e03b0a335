"""What our workbooks say of themselves."""

from __future__ import annotations

from migrator.model.plan import Plan
from migrator.model.record import RunRecord
from migrator.workbook.book import About


def about_run(record: RunRecord, title: str, subject: str = "") -> About:
    """For a report of a run. Its time is the run's own, so that the same record gives the same file."""
    header = record.header
    return About(
        title=title,
        created=header.finished or header.started,
        run=header.id,
        subject=subject or record.plan.mapping,
        company=header.tenant_name,
        author=f"migrator {header.version}".strip(),
    )


def about_plan(plan: Plan, run: str) -> About:
    """For a plan before it is carried out."""
    return About(
        title="Plan of assignments", created=plan.created, run=run, subject=plan.mapping, company=plan.tenant.name
    )
