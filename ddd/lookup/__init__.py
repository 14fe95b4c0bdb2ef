"""What is asked of DdD and kept: articles and Eans, stock, members."""
