"""Serving a project: one supervising process that never imports the app, and workers that do.

address      open the listening socket, or say what is in the way
worker       runs in a process of its own: imports the app and serves it
process      the supervisor's side of a worker
watch        which files changed
development  one worker, replaced when a file changes     (`oppman runserver`)
production   several workers, replaced when one dies       (`oppman serve`)
"""
