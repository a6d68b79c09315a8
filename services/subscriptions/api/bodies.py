"""What the JSON bodies of this service have in common."""

from typing import Annotated, Literal

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from shared.calendar import Interval

# The database cannot keep NUL, and no text of a person holds one.
WITHOUT_NUL = r"^[^\x00]*$"
Reason = Annotated[str, Field(min_length=1, max_length=500, pattern=WITHOUT_NUL)]
Name = Annotated[str, Field(max_length=200, pattern=WITHOUT_NUL)]
PathId = Annotated[str, Path(pattern=r"^[a-z0-9_]{1,40}$")]


class Asked(BaseModel):
    """A field that we do not know is most likely a misspelt one."""

    model_config = ConfigDict(extra="forbid")


class IntervalBody(Asked):
    unit: Literal["day", "week", "month", "year"]
    count: Annotated[int, Field(ge=1, le=1000)] = 1

    @classmethod
    def of(cls, interval: Interval) -> "IntervalBody":
        return cls(unit=interval.unit, count=interval.count)
