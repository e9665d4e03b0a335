"""Moves Microsoft 365 policy assignments from group to group, and proves it.

The way of the data: spreadsheet → rows → resolved rows → plan → assign calls → outcomes → reports.
"""

__version__ = "0.1.0"
