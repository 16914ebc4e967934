"""What the project needs beside its code: set-up, documentation, and the building of instruments."""
