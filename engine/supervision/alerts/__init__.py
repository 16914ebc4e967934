"""Tells people elsewhere when something lasts, and when it is over: by webhook, e-mail and MQTT."""
