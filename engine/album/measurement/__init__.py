"""What can be measured of a track's form: loudness, density and register over time, pauses, the ending, its theme."""
