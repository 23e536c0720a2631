"""What the app does, in its own terms. A service takes a session and plain values and raises `webapp.errors`.

It flushes and never commits: the transaction is the caller's (`webapp.db.transaction`).
"""
