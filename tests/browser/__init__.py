"""The pages as a person meets them: Debian's Chromium against a localserve.  The way to other servers is tests/lab/test_browser.py."""
