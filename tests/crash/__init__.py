"""Processes are killed at random moments; nothing accepted may be lost, doubled or halved."""
