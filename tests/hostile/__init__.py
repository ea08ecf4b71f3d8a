"""Hostile requests, drawn from a seed: to every URL, in three roles, with the site's own forms.

`python -m tests.hostile --seed 3 --count 10000 --role editor` sends them to a register of its own.
"""
