"""Users and roles from the command line: the project's own services do the work, and theirs are the rules."""
