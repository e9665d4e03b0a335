"""What the crash campaign (`benchmarks/crash.py`) is made of: a tenant and its model, blows, and a judge."""
