"""What makes the generated pages and pictures of the documentation: `make pages` writes them."""
