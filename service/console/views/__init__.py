"""What the console shows, as pure functions: the API's documents and a time -> the values of a template."""
