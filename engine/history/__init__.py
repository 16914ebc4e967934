"""What was played: the last half hour as the room heard it, and any stretch of it again."""
