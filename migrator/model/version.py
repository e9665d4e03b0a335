"""The version, where everything may ask for it."""

VERSION = "0.1.0"
