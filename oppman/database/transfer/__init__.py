"""Everything of one database written to another of the other kind: checked before, resumable, compared after."""
