"""The address table as OSCQuery: JSON over HTTP."""
