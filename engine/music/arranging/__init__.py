"""From a phrase to a score: bass lines, bells, chords and arpeggios."""
