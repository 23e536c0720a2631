"""The management command line for FastAPI + SQLModel."""

__version__ = "0.1.0"
