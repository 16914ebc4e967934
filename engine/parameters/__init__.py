"""Every value that can be set, once: name, unit, range, default, address; and the moods that set them."""
