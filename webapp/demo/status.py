"""What of the demo is there."""

from sqlalchemy import func, select

from webapp.db import reading
from webapp.demo.keys import count_rows, read_keys
from webapp.demo.report import Count
from webapp.demo.resources import resources


async def status() -> list[Count]:
    """The counts of each resource's table, in the order of loading."""
    counts = []
    async with reading() as session:
        for resource in resources():
            ranges = (await read_keys(session, resource.table)).ranges
            demo = sum([await count_rows(session, resource.table, within) for within in ranges])
            total = await session.scalar(select(func.count()).select_from(resource.table)) or 0
            counts.append(Count(resource.name, demo, total))
    return counts
