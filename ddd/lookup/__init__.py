"""What is looked up at DdD and stored: articles and Eans, stock, members."""
