"""Backups of the whole register that are whole or not there, and the way back from one.

A backup is a folder: the database as its own program copies it, the register as a data package, and
`manifest.json` with the bytes and SHA-256 of each file, all of it of one moment; beside them the
releases and the cited pages that there are then. With BACKUP_KEY each file is encrypted, and the
manifest can be written by nobody who lacks the key.
"""
