"""The mails as a page for people; whatever a mail holds, it is shown and never run."""

from jinja2 import Environment

from deploy.standins.mailbox.post import Mail

# Nothing on the page may load or run anything, whatever slips through.
HEADERS = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8"><title>Mailbox</title>
<style>
  body { font: 1rem/1.5 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem }
  summary { cursor: pointer; padding: .3rem 0 } pre { white-space: pre-wrap; font: inherit }
  small { color: #555 } details { border-top: 1px solid #ccc }
</style>
<h1>Mailbox</h1>
<form><label>To <input name="to" type="email" value="{{ to }}"></label> <button>Show</button></form>
<p>{{ mails | length }} of {{ total }} mails, the newest first</p>
{% for mail in mails %}
<details>
  <summary>{{ mail.subject or "(no subject)" }}
    <small>to {{ mail.envelope_to | join(", ") }}, {{ mail.received_at }}</small></summary>
  <p><small>From {{ mail["from"] }} · {{ mail.message_id }}
  {% for each in mail.attachments %} · {{ each.name }} ({{ each.size }} bytes){% endfor %}</small></p>
  <pre>{{ mail.text | urlize(rel="noreferrer") }}</pre>
</details>
{% endfor %}
</html>
"""

_page = Environment(autoescape=True).from_string(PAGE)


def page(mails: list[Mail], total: int, to: str) -> str:
    return _page.render(mails=mails, total=total, to=to)
