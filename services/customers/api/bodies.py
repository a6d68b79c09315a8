"""What request bodies have in common: unknown fields are refused, and texts have an end."""

from typing import Annotated

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field


class Asked(BaseModel):
    """A field that we do not know is most likely a misspelt one."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


Text = Annotated[str, Field(min_length=1, max_length=200)]
EmailText = Annotated[str, Field(min_length=3, max_length=320)]
PasswordText = Annotated[str, Field(min_length=1, max_length=256, repr=False)]
ScopeTexts = Annotated[frozenset[Annotated[str, Field(max_length=60)]], Field(max_length=100)]
PathId = Annotated[str, Path(pattern=r"^[a-z0-9_]{1,40}$")]
# No control character can be looked for, since none is ever stored.
PLAIN = r"^[^\x00-\x1f\x7f]*$"
