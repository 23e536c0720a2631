"""A Model-View-Service web app on FastAPI and SQLModel. Every line of it is yours to change."""
