"""The pages and the typed API behind them."""
