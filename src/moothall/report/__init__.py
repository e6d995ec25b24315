"""Views and how they are shown: JSON-able dicts first, and every other form drawn from them."""
