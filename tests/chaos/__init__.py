"""The platform under load while everything around it fails, and a checker that believes no service."""
