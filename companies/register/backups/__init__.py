"""Complete backups of the whole register, and restoring them.

A backup is a folder: a copy of the database by its own program, the register as a data package, and
`manifest.json` with size and SHA-256 of each file, of one snapshot; also the releases and
archived pages of that time. With BACKUP_KEY each file is encrypted, and nobody without the key can
forge the manifest.
"""
