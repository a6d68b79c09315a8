"""The rules of billing, free of I/O: schedules, invoices, payments, dunning, the ledger."""
