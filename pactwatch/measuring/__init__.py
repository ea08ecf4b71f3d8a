"""What requests cost and how they ended: one line of the log each, and numbers for /metrics.

Both are off unless a setting asks for them, and then cost nothing: the server calls the cache of
answers directly.
"""
