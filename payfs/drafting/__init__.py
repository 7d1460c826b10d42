"""Drafting a contract: its text with what is found in it, additions by form, and versions compared in money."""
