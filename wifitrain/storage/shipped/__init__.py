"""Programs that travel in every package and run without wifitrain."""
