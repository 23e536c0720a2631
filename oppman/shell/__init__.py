"""A Python prompt inside of a project: top-level await, a session and every model at hand."""
