"""What everything stands on: names, errors, replies, clock, limits, events, SASL."""
