"""The demo: the project's own data loader, told what to do, and the whole app with it in the browser."""
