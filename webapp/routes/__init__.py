"""HTTP: each file is one resource, with `api` for programs and `pages` for people. A route calls one service."""
