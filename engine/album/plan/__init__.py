"""From the YAML file of a record to a plan in which every moment, setting and file is known."""
