"""Contracts and statements for readers: plain English, and tables that fit a terminal."""
