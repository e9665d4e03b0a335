"""When may a call leave? Decided without a clock and without sleeping: time comes in as an argument."""

from migrator.graph.pacing.pacer import Pacer
from migrator.graph.pacing.status import Status

__all__ = ["Pacer", "Status"]
