"""The sleeve and the credits of a record."""
