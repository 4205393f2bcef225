"""What an installation costs: counted in the embedded cloud, priced by a list, written into a page."""
