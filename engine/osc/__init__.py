"""OSC over UDP, and the messages that the processes send to one another."""
