"""Textures: networks that make sound, sample by sample."""
