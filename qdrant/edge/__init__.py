"""The engine that is embedded: one folder, one owner."""
