"""The same music elsewhere: on a real instrument, in other rooms of the building, and where listeners are."""
