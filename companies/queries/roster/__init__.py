"""The roster: filters, counts and orders companies in memory, by one bitmap per value.

A place is a company's index in the order of names, and bit n of a bitmap is about place n.
"""
