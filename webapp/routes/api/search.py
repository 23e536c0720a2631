"""/api/search"""

from typing import Annotated, Any

from fastapi import Query

from webapp.deps import ReadSessionDep
from webapp.routing import Router
from webapp.schemas.search import SearchAnswer, SearchQuery
from webapp.services import search_service

router = Router(prefix="/api/search", tags=["search"])


@router.get("", response_model=SearchAnswer, summary="Search everything")
async def search(session: ReadSessionDep, query: Annotated[SearchQuery, Query()]) -> Any:
    """What is about the words of `q`, also where it uses other ones; 422 for a `kind` that there is not."""
    return await search_service.search(session, query.q, kind=query.kind, limit=query.limit)
