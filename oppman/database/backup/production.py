"""Whether the project at hand serves real people."""

import os

from oppman.dotenv import read
from oppman.project import Project

VARIABLE = "ENVIRONMENT"


def in_production(project: Project) -> bool:
    """Whether ENVIRONMENT, of the environment or of `.env`, says `production`."""
    return (os.environ.get(VARIABLE) or read(project.root / ".env").get(VARIABLE, "")).lower() == "production"
