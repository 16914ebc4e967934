"""Textures: audio files that loop under the music, brought into its scale."""
