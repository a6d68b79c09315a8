"""A mailbox for everyone: it takes any mail by SMTP, keeps it, and lets it be read."""
