"""What a performer reads and writes: events, the keyboard, and conditions."""
