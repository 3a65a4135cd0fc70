"""The house: pages for people, the map of modules, the package as it is installed."""
