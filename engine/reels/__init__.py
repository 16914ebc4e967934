"""Reels: their format, cutting, checks, and the hold loop that plays when none is there."""
