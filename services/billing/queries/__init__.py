"""Reading without a lock: rows of documents, for people and for auditors."""
