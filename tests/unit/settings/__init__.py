"""What plan refuses of the settings, beside what the function refuses."""
