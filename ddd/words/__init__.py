"""What is said of DdD to people, in the reader's language. Knows no database."""
