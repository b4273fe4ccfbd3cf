"""The closure of the responses: families of networks and their exact limits."""
