"""What a project looks like from inside: its routes, its models, its state. Nothing here changes anything."""
