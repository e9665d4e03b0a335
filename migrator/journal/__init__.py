"""A run's memory: its folder, its lock, its journal and its log, and what is remembered from one run to the next."""
