"""Followers: what is new for them, and its delivery."""
