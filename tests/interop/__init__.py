"""`make interop`: whether the logs that are exported are what other tools read in them."""
