"""The stand-ins as clients meet them: real processes, real sockets."""
