"""Throttling in virtual time: servers that limit, answers that say so badly, policies that cope, and a simulation.

The way of a run: a `Case` (case.py) says which server there is and how it answers; `simulate` sends its calls through
policies and gives a `Story`, which holds every call; `measure` (figures.py) compares that with the optimum. Nothing
here sleeps or reads a clock.
"""
