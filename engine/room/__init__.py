"""Pure Data's side: how it is started, its sound cards, its loudspeakers, and recordings of what it plays."""
