"""Request log and metrics: what each request cost and how it ended.

Both are off unless a setting asks for them, and then cost nothing: the server calls the response
cache directly.
"""
