"""Letters from templates: one source for both forms, so that text and HTML never disagree."""

import textwrap
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from services.notifier.adapters.letter_words import day, moment, plain_date, words
from services.notifier.domain.letter import Letter, Rendered

TEMPLATES: Final = Path(__file__).parent / "templates"
WIDTH: Final = 76
_WRAPPER: Final = textwrap.TextWrapper(WIDTH, break_long_words=False, break_on_hyphens=False)


class LetterRenderer:
    """`letters/` says what a mail tells; `text/` and `html/` say how each form looks. HTML is
    escaped; in text a value cannot begin a line of its own.
    """

    def __init__(self) -> None:
        self._text = _environment("text", escaped=False)
        self._html = _environment("html", escaped=True)

    def __call__(self, letter: Letter) -> Rendered:
        name, said = letter.to.message.template.value, words(letter)
        subject = self._subject(name, said)
        return Rendered(
            subject,
            self._text.get_template(name).render(said),
            self._html.get_template(name).render({**said, "subject": subject}),
        )

    def _subject(self, name: str, said: dict[str, Any]) -> str:
        template = self._text.get_template(name)
        return _one_line("".join(template.blocks["subject"](template.new_context(said))))


def _environment(form: str, *, escaped: bool) -> Environment:
    made = Environment(
        loader=FileSystemLoader([TEMPLATES / "letters", TEMPLATES / form]),
        autoescape=escaped,  # noqa: S701  off for plain text alone, where it would show
        undefined=StrictUndefined,
        auto_reload=False,
    )
    made.filters |= {
        "day": _day,
        "moment": _moment,
        "date": plain_date,
        "folded": _folded,
        "unbroken": _unbroken,
    }
    return made


@pass_context
def _day(context: Context, at: str | None) -> str:
    return day(at, context["timezone"])


@pass_context
def _moment(context: Context, at: str | None) -> str:
    return moment(at, context["timezone"])


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _unbroken(text: str) -> str:
    """A password keeps its spaces; only what would begin a new line is taken out."""
    return " ".join(text.splitlines())


def _folded(text: str) -> str:
    line = _one_line(text)
    return line if len(line) <= WIDTH else _WRAPPER.fill(line)
