"""What is written beside a mapping. A writer is imported when it is asked for."""
