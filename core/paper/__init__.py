"""Paper: HTML becomes a PDF, codes become drawings, and texts fit their boxes."""
