"""The forms with which somebody logs in, makes an account and looks after it. A password is taken as it was typed."""

from pydantic import BaseModel, Field


class LogIn(BaseModel):
    email: str = Field(min_length=1)
    password: str = Field(min_length=1)
    next: str = ""


class SignUp(BaseModel):
    name: str = Field(default="", max_length=100)
    email: str = Field(min_length=1)
    password: str = Field(min_length=1)


class Profile(BaseModel):
    name: str = Field(max_length=100)


class PasswordChange(BaseModel):
    current: str = Field(min_length=1)
    password: str = Field(min_length=1)
