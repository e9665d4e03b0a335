"""Ways to make the same call many times over, each in a process of its own."""
