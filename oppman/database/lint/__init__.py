"""What is dangerous in a migration that runs beside a live application, found without running it."""
