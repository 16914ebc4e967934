"""The processes of the installation: started, watched, restarted, stopped in order."""
