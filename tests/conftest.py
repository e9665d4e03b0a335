"""What all tests share."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# Timing never decides a test; MIGRATOR_EXAMPLES asks for a longer search by hand.
settings.register_profile(
    "migrator",
    deadline=None,
    max_examples=int(os.environ.get("MIGRATOR_EXAMPLES", "150")),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("steady", settings.get_profile("migrator"), derandomize=True)  # always the same examples
settings.load_profile("migrator")
