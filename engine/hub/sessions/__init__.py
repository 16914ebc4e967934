"""Sessions: what hands do at the controls, recorded with its times, to be played back."""
