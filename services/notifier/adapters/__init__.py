"""PostgreSQL, SMTP, templates: the outside as the use cases want it."""
