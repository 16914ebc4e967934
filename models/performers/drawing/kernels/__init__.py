"""The loops that draw, compiled: what a step of each network costs is in here."""
