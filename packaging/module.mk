# Packaging: install, deb, geodata, what must be installed to build and to test.
