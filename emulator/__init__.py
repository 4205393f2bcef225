"""Stand-ins for the two clouds, for the demo and the tests: Adobe's and Amazon's. Never part of what is deployed."""
