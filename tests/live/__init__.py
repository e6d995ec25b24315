"""The whole of it on a real engine: stood up, attacked, proved, taken down."""
