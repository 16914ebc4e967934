"""Builds the folders of recordings that instruments play."""
