"""The process that speaks to the world: controls, surfaces, sensors, MIDI and the schedule."""
