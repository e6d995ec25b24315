"""Reviewing a change from the definitions alone: what two plans differ in, whose lines cause it, who must agree."""
