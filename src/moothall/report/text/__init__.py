"""Answers that are a text: a page, a script, a sentence."""
