"""The process that serves the address table to programs (OSCQuery) and to people (a page for the phone)."""
