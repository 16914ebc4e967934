"""The journal: a durable record of everything that was played and why, and what is read from it."""
