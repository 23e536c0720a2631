"""What writes files into a project."""
