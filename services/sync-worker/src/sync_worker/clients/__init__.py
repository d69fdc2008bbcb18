"""Other systems' APIs, and the errors their answers turn into."""
