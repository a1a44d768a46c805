"""The experiments of arXiv 2404.07117 on our models, and the questions that the paper leaves open."""
