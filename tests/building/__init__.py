"""Long measurements of what plays beside the room: `python -m tests.building stream | zones`, in real time."""
